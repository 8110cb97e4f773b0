/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats.h"

#include <string.h>

#include "reports/formats/formats_internal.h"

const struct format formats[] = {
	{ "terminal", "summary.txt", "text/plain", "a summary for people, the default", false,
			format_terminal },
	{ "html", "report.html", "text/html", "one page that needs nothing but itself", true,
			format_html },
	{ "json", "results.json", "application/json", "the results themselves", false,
			format_json },
	{ "junit", "junit.xml", "application/xml", "for GitLab, Jenkins and GitHub", true,
			format_junit },
	{ "kcidb", "kcidb.json", "application/json", "for KernelCI's database, version 5.3", false,
			format_kcidb },
	{ "ktap", "results.ktap", "text/plain", "for the kernel's test tools", true, format_ktap },
	{ "md", "summary.md", "text/markdown", "a step summary of at most 1 MiB", true,
			format_markdown },
	{ "prom", "metrics.prom", "text/plain", "for the text file collector of Prometheus", true,
			format_prometheus },
	{ 0 },
};

const struct format *format_find(const char *name, size_t length)
{
	for (const struct format *format = formats; format->name; format++) {
		if (strlen(format->name) == length && !strncmp(format->name, name, length))
			return format;
	}
	return NULL;
}
