/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "managers/other_manager_shell.h"

/*
 * Scripts that run at boot or when an interface comes up, and crontabs. Whether a script is
 * executable does not matter: a copy of a host does not always preserve that.
 */
static const struct {
	const char *folder, *pattern, *who;
} places[] = {
	{ "etc", "rc.local", "rc.local" },
	{ "etc/rc.d", "rc.local", "rc.local" },
	{ "etc/init.d", "*", "an init script" },
	{ "etc/local.d", "*.start", "a script of local.d" },
	{ "etc/conf.d", "net", "netifrc" },
	{ "etc/network/if-pre-up.d", "*", "ifupdown" },
	{ "etc/network/if-up.d", "*", "ifupdown" },
	{ "etc/network/if-down.d", "*", "ifupdown" },
	{ "etc/network/if-post-down.d", "*", "ifupdown" },
	{ "etc/sysconfig/network/if-up.d", "*", "wicked" },
	{ "etc/sysconfig/network/if-down.d", "*", "wicked" },
	{ "etc/NetworkManager/dispatcher.d", "*", "NetworkManager's dispatcher" },
	{ "etc/NetworkManager/dispatcher.d/pre-up.d", "*", "NetworkManager's dispatcher" },
	{ "etc/networkd-dispatcher/configured.d", "*", "networkd-dispatcher" },
	{ "etc/networkd-dispatcher/configuring.d", "*", "networkd-dispatcher" },
	{ "etc/networkd-dispatcher/carrier.d", "*", "networkd-dispatcher" },
	{ "etc/networkd-dispatcher/routable.d", "*", "networkd-dispatcher" },
	{ "sbin", "if*-local", "ifup" },
	{ "usr/sbin", "if*-local", "ifup" },
	{ "etc", "crontab", "cron" },
	{ "etc/cron.d", "*", "cron" },
	{ "etc/cron.hourly", "*", "cron" },
	{ "etc/cron.daily", "*", "cron" },
	{ "var/spool/cron", "root", "cron" },
	{ "var/spool/cron/crontabs", "root", "cron" },
};

static void find_in_file(const struct manager_file *file, const char *who,
		const struct card_names *names, struct diagnostics *managers)
{
	const struct shell_origin origin = { file->file, who, 1 };
	struct shell_context context = { .names = names };
	bool script = !strncmp(file->text, "#!", 2);
	struct shell_finding finding = { 0 };

	if (script)
		finding = script_find(file->text, &context);
	if (finding.fit != FIT_NO)
		manager_report(managers, file->file, finding.line, who, finding.does, finding.fit);
	else
		command_report(&origin, file->text, &context, managers);
	shell_variables_free(&context.variables);
}

void scan_scripts(const struct manager_scan *scan)
{
	char target[64];
	bool merged = !host_link_target(scan->host, "sbin", target, sizeof(target));

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		CLEANUP(manager_files_free) struct manager_files files = { 0 };

		/* On most hosts /sbin is a link to /usr/sbin. */
		if (merged && !strcmp(places[i].folder, "sbin"))
			continue;
		manager_folder_read(scan, places[i].folder, places[i].pattern, &files);
		for (size_t k = 0; k < files.count; k++)
			find_in_file(&files.items[k], places[i].who, scan->names, scan->managers);
	}
}
