/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_internal.h"

bool pattern_list_matches(const char *list, const char *separators, const char *value)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", list);
	bool found = false;
	char *rest = copy, *word;

	while ((word = strsep(&rest, separators)))
		found |= *word && !fnmatch(word, value, FNM_CASEFOLD);
	return found;
}

enum fit list_fits(const char *list, const char *separators, const struct card_names *names,
		enum fit (*fits)(const char *word, const struct card_names *names))
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", list);
	enum fit best = FIT_NO;
	char *rest = copy, *word;

	while ((word = strsep(&rest, separators))) {
		enum fit fit = *word ? fits(word, names) : FIT_NO;

		best = fit > best ? fit : best;
	}
	return best;
}

enum fit word_fits(const char *word, const char *value)
{
	CLEANUP(cleanup_free) char *pattern = text_format("%s", word);
	bool unknown = false;

	for (char *at = pattern; *at; at++) {
		if (*at != UNKNOWN_CHAR)
			continue;
		unknown = true;
		*at = '*';
	}
	if (!*value || fnmatch(pattern, value, FNM_CASEFOLD) != 0)
		return FIT_NO;
	return unknown ? FIT_MAY : FIT_YES;
}

enum fit name_fits(const char *word, const struct card_names *names)
{
	enum fit best = word_fits(word, names->netdev);

	for (size_t i = 0; i < names->alias_count && best != FIT_YES; i++) {
		enum fit fit = word_fits(word, names->aliases[i]);

		best = fit > best ? fit : best;
	}
	return best;
}

/* The domain is optional if it is 0. */
enum fit address_fits(const char *word, const struct card_names *names)
{
	enum fit fit = word_fits(word, names->bdf);

	if (fit == FIT_NO && !strncmp(names->bdf, "0000:", 5))
		fit = word_fits(word, names->bdf + 5);
	return fit;
}

/* The address in the last "pci-" of the path is that of the card, since each domain of a kernel
 * has its own number. */
enum fit id_path_fits(const char *word, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *plain = text_format("pci-%s", names->bdf);
	const char *last = NULL;

	if (*names->id_path)
		return word_fits(word, names->id_path);
	if (word_fits(word, plain) != FIT_NO)
		return word_fits(word, plain);
	for (const char *at = word; (at = strstr(at, "pci-")); at++)
		last = at;
	if (last && last != word)
		return word_fits(last, plain);
	if (!last && (!strncmp(word, "platform-", 9) || !strncmp(word, "acpi-", 5)) &&
			strpbrk(word, "*?["))
		return FIT_MAY;
	return FIT_NO;
}

bool path_is_sriov_attribute(const char *path)
{
	static const char *const attributes[] = { "sriov_numvfs", "sriov_drivers_autoprobe" };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (!strcmp(name, attributes[i]))
			return true;
	}
	return false;
}

/* ".../net/NAME/device/ATTRIBUTE", ".../0000:01:00.0/ATTRIBUTE" or ".../ib0/device/ATTRIBUTE". */
enum fit attribute_path_fits(const char *path, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", path);
	char *slash = strrchr(copy, '/'), *holder;

	if (!slash)
		return FIT_MAY;
	*slash = '\0';
	slash = strrchr(copy, '/');
	holder = slash ? slash + 1 : copy;
	if (!strcmp(holder, "device") && slash) {
		*slash = '\0';
		slash = strrchr(copy, '/');
		holder = slash ? slash + 1 : copy;
		if (slash && slash - copy >= 4 && strncmp(slash - 4, "/net", 4) != 0 &&
				!strstr(slash - 4, "\001"))
			return FIT_MAY; /* an InfiniBand device, a graphics card */
		return name_fits(holder, names);
	}
	if (strlen(holder) == 1 && *holder == UNKNOWN_CHAR)
		return FIT_MAY;
	return address_fits(holder, names);
}

void manager_report(struct diagnostics *managers, const char *file, unsigned line, const char *who,
		const char *does, enum fit fit)
{
	if (fit == FIT_YES)
		diagnostic_add(managers, "%s:%u: %s %ss VFs of it", file, line, who, does);
	else if (fit == FIT_MAY)
		diagnostic_add(managers,
				"%s:%u: %s may %s VFs of it: it cannot be seen here which card "
				"this is about",
				file, line, who, does);
}
