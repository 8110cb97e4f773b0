/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exchange/export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/drivers.h"
#include "exchange/export_internal.h"
#include "policy/select_pf.h"
#include "sriov/pf.h"

static const struct export_format *const formats[] = {
	&export_vfctl,
	&export_systemd_link,
	&export_libvirt_network,
	&export_nmstate,
	&export_netplan,
};

const struct export_format *export_format_at(size_t index)
{
	return index < sizeof(formats) / sizeof(*formats) ? formats[index] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
	const struct export_format *format;

	for (size_t i = 0; (format = export_format_at(i)); i++) {
		if (!strcmp(format->name, name))
			return format;
	}
	return NULL;
}

int export_text(const struct export_format *format, const struct export *export, char **text,
		struct string_set *left, struct err *err)
{
	CLEANUP(cleanup_free) char *written = NULL;
	size_t length;
	FILE *out = open_memstream(&written, &length);
	int rc;

	if (!out)
		abort();
	rc = format->print(export, out, left, err);
	if (fclose(out) != 0)
		abort();
	*text = rc < 0 ? NULL : TAKE(written);
	return rc;
}

void export_left(struct string_set *left, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	string_set_add(left, text);
}

void desired_of_pf(const struct host *host, const struct pf *pf, struct desired *desired)
{
	*desired = (struct desired){ .file = text_format("now"),
		.count_given = true,
		.count = pf->num_vfs,
		.autoprobe_given = true,
		.autoprobe = pf->autoprobe,
		.mtu = pf->net.mtu,
		.vf_count = pf->vf_count };
	desired->selector.by_mac = !pf_permanent_mac(host, &pf->function, &desired->selector.mac);
	desired->selector.by_path = !desired->selector.by_mac;
	desired->selector.path = pf->function.bdf;
	desired->vfs = calloc(pf->vf_count + 1, sizeof(*desired->vfs));
	if (!desired->vfs)
		abort();
	for (size_t i = 0; i < pf->vf_count; i++) {
		desired->vfs[i].index = pf->vfs[i].index;
		desired->vfs[i].settings = pf->vfs[i].settings;
		/* Nobody wants a setting that has not been set. */
		vf_settings_drop_unset(&desired->vfs[i].settings);
		/* Other drivers are the kernel's choice, which a new VF gets without a word. */
		if (driver_handover(pf->vfs[i].function.driver))
			snprintf(desired->vfs[i].driver, sizeof(desired->vfs[i].driver), "%s",
					pf->vfs[i].function.driver);
	}
}
