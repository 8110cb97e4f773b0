/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/vhost.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/host_file.h"

#define PROFILE_LIMIT (1 << 20)

/* QEMU of the machine, as libvirt notes it, has the profile of the machine, which is not merely for complaints. */
static bool is_confined(const struct host *host, const struct domain_status *vm)
{
	CLEANUP(cleanup_free) char *pid_file = text_format("run/libvirt/qemu/%s.pid", vm->name);
	CLEANUP(cleanup_free) char *label_file = NULL;
	CLEANUP(cleanup_free) char *wanted = text_format("libvirt-%s (enforce)", vm->uuid);
	char pid[24] = "", label[160] = "";

	if (host_read(host, pid_file, pid, sizeof(pid), NULL) < 0)
		return false;
	label_file = text_format("proc/%ld/attr/current", strtol(pid, NULL, 10));
	host_read(host, label_file, label, sizeof(label), NULL);
	return !strcmp(label, wanted);
}

bool vhost_is_denied(const struct host *host, const struct domain_status *vm)
{
	CLEANUP(cleanup_free)
	char *path = text_format("etc/apparmor.d/libvirt/libvirt-%s.files", vm->uuid);
	CLEANUP(cleanup_free) char *rules = NULL;

	return is_confined(host, vm) &&
			host_file_read(host, path, PROFILE_LIMIT, &rules, NULL, NULL) == 0 &&
			!strstr(rules, "vhost-net\"");
}
