/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_shell.h"

/*
 * udev(7). Each file is read twice: as the kernel's event for the PCI function, and for its
 * interface. A condition on what only a running udev knows counts as met.
 *
 *   ACTION=="add", SUBSYSTEM=="net", KERNELS=="0000:01:00.0", ATTR{device/sriov_numvfs}="4"
 */

enum { TOKENS_MOST = 64 };

struct token {
	char *key, *attribute, *value; /* attribute: the name in ATTR{...}, else "" */
	char op[3];
};

struct rule {
	unsigned line;
	size_t count;
	struct token tokens[TOKENS_MOST];
};

struct event {
	const struct card_names *names;
	bool net; /* the event of the interface; else that of the function */
};

static char *skip_between(char *at)
{
	return at + strspn(at, ", \t\r");
}

/* Reads KEY{attribute}OP"value" and cuts it in place. Returns what follows, or NULL if it is not
 * a token. */
static char *read_token(char *at, struct token *token)
{
	size_t length = strcspn(at, "{=!+-: \t");
	char *end;

	*token = (struct token){ .key = at, .attribute = at + strlen(at) };
	at += length;
	if (*at == '{') {
		*at++ = '\0';
		token->attribute = at;
		at += strcspn(at, "}");
		if (!*at)
			return NULL;
		*at++ = '\0';
	}
	end = at;
	at += strspn(at, " \t");
	length = strspn(at, "=!+-:");
	if (!length || length > 2)
		return NULL;
	memcpy(token->op, at, length);
	at += length;
	*end = '\0';
	at += strspn(at, " \t");
	at += (*at == 'e' || *at == 'i') && at[1] == '"';
	if (*at != '"')
		return NULL;
	token->value = ++at;
	while (*at && *at != '"')
		at += *at == '\\' && at[1] ? 2 : 1;
	if (!*at)
		return NULL;
	*at = '\0';
	return at + 1;
}

/* Cuts the line in place. Leaves out what udev would ignore. */
static bool read_rule(char *line, unsigned number, struct rule *rule)
{
	rule->line = number;
	rule->count = 0;
	for (line = skip_between(line); *line; line = skip_between(line)) {
		if (rule->count == TOKENS_MOST)
			return true;
		line = read_token(line, &rule->tokens[rule->count]);
		if (!line)
			return false;
		rule->count++;
	}
	return rule->count > 0;
}

static bool is_condition(const struct token *token)
{
	return !strcmp(token->op, "==") || !strcmp(token->op, "!=");
}

static enum fit best_of(enum fit a, enum fit b)
{
	return a > b ? a : b;
}

static enum fit text_fits(const char *list, const char *value)
{
	return pattern_list_matches(list, "|", value) ? FIT_YES : FIT_NO;
}

/* ATTR{[net/eth0]device/sriov_numvfs} is an attribute of another device. */
static enum fit named_device_fits(const char *attribute, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", attribute + 1);
	char *kernel = strchr(copy, '/');

	copy[strcspn(copy, "]")] = '\0';
	if (!kernel)
		return FIT_NO;
	*kernel++ = '\0';
	return !strcmp(copy, "net")            ? name_fits(kernel, names)
			: !strcmp(copy, "pci") ? address_fits(kernel, names)
					       : FIT_NO;
}

static enum fit read_and_compare(
		const struct card_names *names, const char *path, const struct token *token)
{
	char value[256];

	if (!names->host || strstr(path, "..") ||
			host_read(names->host, path, value, sizeof(value), NULL) < 0)
		return FIT_MAY;
	return text_fits(token->value, value);
}

static enum fit attribute_fits(const struct event *event, const struct token *token)
{
	const struct card_names *names = event->names;
	CLEANUP(cleanup_free) char *path = NULL;

	if (event->net && !strcmp(token->attribute, "address") && *names->permanent_mac)
		return best_of(text_fits(token->value, names->permanent_mac),
				text_fits(token->value, names->mac));
	if (event->net)
		path = text_format("sys/class/net/%s/%s", names->netdev, token->attribute);
	else
		path = text_format("sys/bus/pci/devices/%s/%s", names->bdf, token->attribute);
	return read_and_compare(names, path, token);
}

/* Attributes of the device or of one above it. */
static enum fit attributes_fit(const struct event *event, const struct token *token)
{
	const struct card_names *names = event->names;
	struct event function = { names, false };
	enum fit own = event->net ? attribute_fits(event, token) : FIT_NO;
	enum fit best = attribute_fits(&function, token);

	best = own == FIT_YES || best == FIT_MAY ? best_of(own, best) : best;
	for (size_t i = 0; i < names->above_count && best == FIT_NO; i++) {
		CLEANUP(cleanup_free)
		char *path = text_format(
				"sys/bus/pci/devices/%s/%s", names->above[i], token->attribute);

		best = read_and_compare(names, path, token);
	}
	return best;
}

/* The interface may have had another name when udev saw it first: that of the kernel. */
static enum fit kernel_fits(const struct event *event, const struct token *token)
{
	const struct card_names *names = event->names;
	enum fit fit = list_fits(token->value, "|", names, event->net ? name_fits : address_fits);

	if (fit == FIT_NO && event->net && names->renamed && strspn(token->value, "eth*?[") >= 1 &&
			(!strncmp(token->value, "eth", 3) || strchr("*?[", *token->value)))
		return FIT_MAY;
	return fit;
}

static enum fit kernels_fit(const struct event *event, const struct token *token)
{
	const struct card_names *names = event->names;
	enum fit best = best_of(event->net ? kernel_fits(event, token) : FIT_NO,
			list_fits(token->value, "|", names, address_fits));

	for (size_t i = 0; i < names->above_count; i++)
		best = best_of(best, text_fits(token->value, names->above[i]));
	return best_of(best,
			text_fits(token->value, "pci0000:00") && !strncmp(token->value, "pci", 3)
					? FIT_MAY
					: FIT_NO);
}

static enum fit action_fits(const struct event *event, const struct token *token)
{
	static const char *const actions[] = { "add", "change", "bind", "move", "online" };
	enum fit best = FIT_NO;

	(void)event;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		best = best_of(best, text_fits(token->value, actions[i]));
	return best;
}

static enum fit subsystem_fits(const struct event *event, const struct token *token)
{
	return text_fits(token->value, event->net ? "net" : "pci");
}

static enum fit subsystems_fit(const struct event *event, const struct token *token)
{
	return best_of(subsystem_fits(event, token), text_fits(token->value, "pci"));
}

static enum fit driver_fits(const struct event *event, const struct token *token)
{
	return text_fits(token->value, event->net ? "" : event->names->driver);
}

static enum fit drivers_fit(const struct event *event, const struct token *token)
{
	return best_of(text_fits(token->value, event->names->driver),
			text_fits(token->value, "pcieport"));
}

static enum fit interface_fits(const struct event *event, const struct token *token)
{
	return event->net ? kernel_fits(event, token) : FIT_NO;
}

static enum fit path_fits(const struct event *event, const struct token *token)
{
	return list_fits(token->value, "|", event->names, id_path_fits);
}

static enum fit net_driver_fits(const struct event *event, const struct token *token)
{
	return text_fits(token->value, event->names->driver);
}

static enum fit slot_fits(const struct event *event, const struct token *token)
{
	return list_fits(token->value, "|", event->names, address_fits);
}

static enum fit id_fits(const struct event *event, const struct token *token)
{
	const char *file = strstr(token->attribute, "VENDOR") ? "vendor" : "device";
	CLEANUP(cleanup_free)
	char *path = text_format("sys/bus/pci/devices/%s/%s", event->names->bdf, file);

	return read_and_compare(event->names, path, token);
}

/* Without udev's database the names that udev found are unknown. */
static enum fit found_name_fits(const struct event *event, const struct token *token)
{
	enum fit fit = list_fits(token->value, "|", event->names, name_fits);

	return fit == FIT_NO && !event->names->alias_count ? FIT_MAY : fit;
}

static const struct {
	const char *key, *attribute; /* attribute: NULL: any */
	enum fit (*fits)(const struct event *event, const struct token *token);
} conditions[] = { { "ACTION", NULL, action_fits }, { "SUBSYSTEM", NULL, subsystem_fits },
	{ "SUBSYSTEMS", NULL, subsystems_fit }, { "KERNEL", NULL, kernel_fits },
	{ "KERNELS", NULL, kernels_fit }, { "NAME", NULL, interface_fits },
	{ "DRIVER", NULL, driver_fits }, { "DRIVERS", NULL, drivers_fit },
	{ "ATTR", NULL, attribute_fits }, { "ATTRS", NULL, attributes_fit },
	{ "ENV", "INTERFACE", interface_fits }, { "ENV", "ID_PATH", path_fits },
	{ "ENV", "ID_NET_DRIVER", net_driver_fits }, { "ENV", "DRIVER", driver_fits },
	{ "ENV", "PCI_SLOT_NAME", slot_fits }, { "ENV", "ID_VENDOR_ID", id_fits },
	{ "ENV", "ID_MODEL_ID", id_fits }, { "ENV", "ID_NET_NAME", found_name_fits },
	{ "ENV", "ID_NET_NAME_ONBOARD", found_name_fits },
	{ "ENV", "ID_NET_NAME_SLOT", found_name_fits },
	{ "ENV", "ID_NET_NAME_PATH", found_name_fits },
	{ "ENV", "ID_NET_NAME_MAC", found_name_fits }, { "TEST", NULL, NULL },
	{ "TAG", NULL, NULL }, { "TAGS", NULL, NULL } };

/* A key without a function does not say which card it is. */
static enum fit condition_fits(const struct event *event, const struct token *token)
{
	enum fit fit = FIT_MAY;

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (strcmp(conditions[i].key, token->key) != 0 ||
				(conditions[i].attribute &&
						strcmp(conditions[i].attribute, token->attribute) !=
								0))
			continue;
		if (!conditions[i].fits)
			return FIT_YES;
		fit = conditions[i].fits(event, token);
		break;
	}
	if (*token->op == '!')
		return fit == FIT_MAY ? FIT_MAY : fit == FIT_YES ? FIT_NO : FIT_YES;
	return fit;
}

static enum fit rule_fits(const struct event *event, const struct rule *rule)
{
	enum fit fit = FIT_YES;

	for (size_t i = 0; i < rule->count; i++) {
		const struct token *token = &rule->tokens[i];
		enum fit one = is_condition(token) ? condition_fits(event, token) : FIT_YES;

		fit = one < fit ? one : fit;
	}
	return fit;
}

static enum fit write_fits(const struct event *event, const struct token *token)
{
	const char *rest = token->attribute;

	if (is_condition(token) || strcmp(token->key, "ATTR") != 0 ||
			!path_is_sriov_attribute(token->attribute))
		return FIT_NO;
	if (*rest == '[')
		return named_device_fits(rest, event->names);
	return !strncmp(rest, "device/", 7) == event->net ? FIT_YES : FIT_NO;
}

/* udev puts the values of the card into a command for $name and the like. */
static void add_substitutions(const struct event *event, struct shell_context *context)
{
	static const char *const names[] = { "name", "kernel", "k", "INTERFACE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		shell_variable_add(&context->variables, names[i],
				event->net ? event->names->netdev : event->names->bdf);
}

static bool runs(const struct token *token)
{
	bool program = !strcmp(token->attribute, "program");

	if (!strcmp(token->key, "PROGRAM"))
		return true;
	return !is_condition(token) &&
			(!strcmp(token->key, "RUN") || (!strcmp(token->key, "IMPORT") && program));
}

static char *command_of(const char *value)
{
	static const char whole[] = "%k";
	char *command = *value == '/' || strchr(value, ' ') || strchr(value, '>')
			? text_format("%s", value)
			: text_format("/usr/lib/udev/%s", value);
	char *at;

	while ((at = strstr(command, whole)))
		memcpy(at, "$k", 2);
	return command;
}

static bool report_command(const struct event *event, const struct manager_file *file,
		const struct rule *rule, const struct token *token, enum fit fit,
		struct diagnostics *managers)
{
	const struct shell_origin origin = { file->file, "udev", rule->line };
	struct shell_context context = { .names = event->names, .for_card = fit == FIT_YES };
	CLEANUP(cleanup_free) char *command = command_of(token->value);
	bool reported;

	add_substitutions(event, &context);
	reported = command_report(&origin, command, &context, managers);
	shell_variables_free(&context.variables);
	return reported;
}

static bool report_rule(const struct event *event, const struct manager_file *file,
		const struct rule *rule, enum fit fit, struct diagnostics *managers)
{
	for (size_t i = 0; i < rule->count && fit != FIT_NO; i++) {
		const struct token *token = &rule->tokens[i];
		enum fit write = write_fits(event, token);

		if (write != FIT_NO) {
			manager_report(managers, file->file, rule->line, "udev", "make",
					write < fit ? write : fit);
			return true;
		}
		if (runs(token) && report_command(event, file, rule, token, fit, managers))
			return true;
	}
	return false;
}

static const char *value_of(const struct rule *rule, const char *key)
{
	for (size_t i = 0; i < rule->count; i++) {
		if (!strcmp(rule->tokens[i].key, key) && !is_condition(&rule->tokens[i]))
			return rule->tokens[i].value;
	}
	return NULL;
}

/* Cuts off the next rule, with the lines that a backslash joins to it. */
static char *next_line(char **rest, unsigned *line, unsigned *lines)
{
	char *begin = *rest, *to = begin, *from = begin;

	*line += *lines;
	*lines = 0;
	if (!from || !*from)
		return NULL;
	for (;;) {
		size_t length = strcspn(from, "\n");
		bool joined = length && from[length - 1] == '\\' && from[length];

		memmove(to, from, length);
		to += length - joined;
		++*lines;
		from += length + (from[length] == '\n');
		if (joined && *from)
			continue;
		*to = '\0';
		*rest = from;
		return begin;
	}
}

static bool find_in_file(const struct event *event, const struct manager_file *file,
		struct diagnostics *managers)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", file->text);
	CLEANUP(cleanup_free) char *label = NULL;
	unsigned line = 1, lines = 0;
	char *rest = copy, *text;
	struct rule rule;

	while ((text = next_line(&rest, &line, &lines))) {
		const char *to;
		enum fit fit;

		if (text[strspn(text, " \t")] == '#' || !read_rule(text, line, &rule))
			continue;
		to = value_of(&rule, "LABEL");
		if (label && (!to || strcmp(to, label) != 0))
			continue;
		free(TAKE(label));
		fit = rule_fits(event, &rule);
		if (report_rule(event, file, &rule, fit, managers))
			return true;
		to = value_of(&rule, "GOTO");
		if (to && fit == FIT_YES)
			label = text_format("%s", to);
	}
	return false;
}

void find_udev_rules(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers)
{
	const struct event net = { names, true }, pci = { names, false };

	for (size_t i = 0; i < files->count; i++) {
		if (!*names->netdev || !find_in_file(&net, &files->items[i], managers))
			find_in_file(&pci, &files->items[i], managers);
	}
}

void scan_udev(const struct manager_scan *scan)
{
	static const char *const folders[] = { "etc/udev/rules.d", "run/udev/rules.d",
		"usr/local/lib/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d", NULL };
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	manager_files_read(scan, folders, "", ".rules", &files);
	find_udev_rules(&files, scan->names, scan->managers);
}
