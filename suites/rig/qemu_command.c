/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "rig/qemu.h"

/*
 * The command line of an emulated rig. vfcert's own devices are in fixed slots at the end of the root
 * bus, so that they and a topology's devices do not move each other.
 *
 * With -no-reboot and panic=1 a panic ends QEMU, and the log ends with its trace. To boot fast, there is
 * no firmware (-kernel with an ELF image), there are no option ROMs, and the kernel leaves out features
 * that a machine does not need for a minute.
 */
const char qemu_kernel[] =
		"console=ttyS0 panic=1 quiet nokaslr mitigations=off tsc=reliable no_timer_check "
		"cryptomgr.notests rcupdate.rcu_expedited=1 audit=0 lsm= nowatchdog "
		"random.trust_cpu=on";

void argv_add(struct argv *argv, const char *format, ...)
{
	va_list args;

	argv->list = realloc(argv->list, (argv->count + 2) * sizeof(*argv->list));
	if (!argv->list)
		abort();
	va_start(args, format);
	if (vasprintf(&argv->list[argv->count], format, args) < 0)
		abort();
	va_end(args);
	argv->list[++argv->count] = NULL;
}

void argv_free(struct argv *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		free(argv->list[i]);
	free(argv->list);
	*argv = (struct argv){ .list = NULL };
}

static void add_items(struct argv *argv, const char *option, const char *folder,
		const struct topology_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *text = topology_option(&items[i], folder);

		argv_add(argv, "%s", option);
		argv_add(argv, "%s", text);
	}
}

static void add_pair(struct argv *argv, const char *option, const char *value)
{
	argv_add(argv, "%s", option);
	argv_add(argv, "%s", value);
}

/* The kernel numbers the disks by their slots: the root, the programs under test, the state that
 * survives reboots, the kernel's modules, and guests. MODE says read-only, or without a cache that a power
 * cut could lose. */
static void add_disk(struct argv *argv, const char *id, const char *slot, const char *mode,
		const char *folder, const char *file)
{
	CLEANUP(cleanup_free) char *path = topology_escape(folder);

	argv_add(argv, "-drive");
	argv_add(argv, "if=none,id=vfcert-%s,%s,format=raw,file=%s/%s", id, mode, path, file);
	argv_add(argv, "-device");
	argv_add(argv, "virtio-blk-pci,drive=vfcert-%s,bus=pcie.0,addr=%s,romfile=", id, slot);
}

static void add_socket(struct argv *argv, const char *name, const char *folder)
{
	CLEANUP(cleanup_free) char *path = topology_escape(folder);

	argv_add(argv, "-chardev");
	argv_add(argv, "socket,id=vfcert-%s,path=%s/%s,server=on,wait=off", name, path, name);
}

static void add_channels(struct argv *argv, const char *folder)
{
	add_pair(argv, "-device",
			"virtio-serial-pci,id=vfcert-serial,bus=pcie.0,addr=0x1e,romfile=");
	add_socket(argv, "control", folder);
	add_pair(argv, "-device",
			"virtserialport,bus=vfcert-serial.0,chardev=vfcert-control,name=vfcert.control");
	add_socket(argv, "console", folder);
	add_pair(argv, "-device", "virtconsole,bus=vfcert-serial.0,chardev=vfcert-console");
	add_socket(argv, "qmp", folder);
	add_pair(argv, "-mon", "chardev=vfcert-qmp,mode=control");
	argv_add(argv, "-serial");
	argv_add(argv, "file:%s/serial.log", folder);
}

void qemu_command(struct argv *argv, const char *program, const struct topology *topology, bool kvm,
		const struct image *image, const char *folder)
{
	CLEANUP(cleanup_free) char *machine = topology_option(&topology->machine, folder);
	CLEANUP(cleanup_free) char *kernel = topology_kernel(topology, qemu_kernel);

	argv_add(argv, "%s", program);
	add_pair(argv, "-sandbox",
			"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	add_pair(argv, "-accel", kvm ? "kvm" : "tcg,thread=multi");
	add_pair(argv, "-cpu", kvm ? "host" : "max");
	add_pair(argv, "-machine", machine);
	argv_add(argv, "-m");
	argv_add(argv, "%u", topology->memory_mib);
	argv_add(argv, "-smp");
	argv_add(argv, "%u", topology->cpus);
	add_pair(argv, "-display", "none");
	argv_add(argv, "-nodefaults");
	argv_add(argv, "-no-user-config");
	argv_add(argv, "-no-reboot");
	add_items(argv, "-netdev", folder, topology->netdevs, topology->netdev_count);
	add_items(argv, "-device", folder, topology->devices, topology->device_count);
	add_disk(argv, "root", "0x1b", "readonly=on", image->root, "root.erofs");
	add_disk(argv, "tools", "0x1c", "readonly=on", folder, "tools.erofs");
	add_disk(argv, "state", "0x1d.0x0,multifunction=on", "cache=writethrough", folder,
			"state.ext4");
	add_disk(argv, "modules", "0x1d.0x1", "readonly=on", image->kernel, "modules.erofs");
	if (topology->hosts_guests)
		add_disk(argv, "guests", "0x1d.0x2", "readonly=on", image->guests, "guests.erofs");
	add_channels(argv, folder);
	argv_add(argv, "-kernel");
	argv_add(argv, "%s/kernel", image->kernel);
	argv_add(argv, "-initrd");
	argv_add(argv, "%s/initrd.cpio", image->kernel);
	argv_add(argv, "-append");
	argv_add(argv, topology->hosts_guests ? "%s vfcert.guests=%u" : "%s", kernel,
			topology->guests);
}
