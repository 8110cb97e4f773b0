/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "rig/qemu.h"

/*
 * The command line of an emulated rig. What is vfcert's own sits at fixed slots at the end of the
 * root bus, so that no topology moves it and it moves no topology's devices.
 *
 * -no-reboot with panic=1: a kernel that gives up ends QEMU, and its last words are in the log.
 * Firmware is skipped (-kernel with an ELF image), option ROMs are left out, and the kernel does
 * without what costs time on a machine that lives for a minute.
 */
const char qemu_kernel[] =
		"console=ttyS0 panic=1 quiet nokaslr mitigations=off tsc=reliable no_timer_check "
		"cryptomgr.notests rcupdate.rcu_expedited=1 audit=0 lsm= nowatchdog "
		"random.trust_cpu=on";

void words_add(struct words *words, const char *format, ...)
{
	va_list args;

	words->list = realloc(words->list, (words->count + 2) * sizeof(*words->list));
	if (!words->list)
		abort();
	va_start(args, format);
	if (vasprintf(&words->list[words->count], format, args) < 0)
		abort();
	va_end(args);
	words->list[++words->count] = NULL;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
	*words = (struct words){ .list = NULL };
}

static void add_items(struct words *words, const char *option, const struct topology_item *items,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *text = topology_option(&items[i]);

		words_add(words, "%s", option);
		words_add(words, "%s", text);
	}
}

static void add_pair(struct words *words, const char *option, const char *value)
{
	words_add(words, "%s", option);
	words_add(words, "%s", value);
}

/* The root is the first virtio disk, the programs under test the second, what outlives the machine's
 * boots the third, and the kernel's modules the fourth: the kernel counts them by their slots. MODE:
 * it has no cache to lose, or nobody writes to it. */
static void add_disk(struct words *words, const char *id, const char *slot, const char *mode,
		const char *folder, const char *file)
{
	CLEANUP(cleanup_free) char *path = topology_escape(folder);

	words_add(words, "-drive");
	words_add(words, "if=none,id=vfcert-%s,%s,format=raw,file=%s/%s", id, mode, path, file);
	words_add(words, "-device");
	words_add(words, "virtio-blk-pci,drive=vfcert-%s,bus=pcie.0,addr=%s,romfile=", id, slot);
}

static void add_socket(struct words *words, const char *name, const char *folder)
{
	CLEANUP(cleanup_free) char *path = topology_escape(folder);

	words_add(words, "-chardev");
	words_add(words, "socket,id=vfcert-%s,path=%s/%s,server=on,wait=off", name, path, name);
}

static void add_channels(struct words *words, const char *folder)
{
	add_pair(words, "-device",
			"virtio-serial-pci,id=vfcert-serial,bus=pcie.0,addr=0x1e,romfile=");
	add_socket(words, "control", folder);
	add_pair(words, "-device",
			"virtserialport,bus=vfcert-serial.0,chardev=vfcert-control,name=vfcert.control");
	add_socket(words, "console", folder);
	add_pair(words, "-device", "virtconsole,bus=vfcert-serial.0,chardev=vfcert-console");
	add_socket(words, "qmp", folder);
	add_pair(words, "-mon", "chardev=vfcert-qmp,mode=control");
	words_add(words, "-serial");
	words_add(words, "file:%s/serial.log", folder);
}

void qemu_command(struct words *words, const char *program, const struct topology *topology,
		bool kvm, const struct image *image, const char *folder)
{
	CLEANUP(cleanup_free) char *machine = topology_option(&topology->machine);
	CLEANUP(cleanup_free) char *kernel = topology_kernel(topology, qemu_kernel);

	words_add(words, "%s", program);
	add_pair(words, "-sandbox",
			"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	add_pair(words, "-accel", kvm ? "kvm" : "tcg,thread=multi");
	add_pair(words, "-cpu", kvm ? "host" : "max");
	add_pair(words, "-machine", machine);
	words_add(words, "-m");
	words_add(words, "%u", topology->memory_mib);
	words_add(words, "-smp");
	words_add(words, "%u", topology->cpus);
	add_pair(words, "-display", "none");
	words_add(words, "-nodefaults");
	words_add(words, "-no-user-config");
	words_add(words, "-no-reboot");
	add_items(words, "-netdev", topology->netdevs, topology->netdev_count);
	add_items(words, "-device", topology->devices, topology->device_count);
	add_disk(words, "root", "0x1b", "readonly=on", image->root, "root.erofs");
	add_disk(words, "tools", "0x1c", "readonly=on", folder, "tools.erofs");
	add_disk(words, "state", "0x1d.0x0,multifunction=on", "cache=writethrough", folder,
			"state.ext4");
	add_disk(words, "modules", "0x1d.0x1", "readonly=on", image->kernel, "modules.erofs");
	add_channels(words, folder);
	words_add(words, "-kernel");
	words_add(words, "%s/kernel", image->kernel);
	words_add(words, "-initrd");
	words_add(words, "%s/initrd.cpio", image->kernel);
	add_pair(words, "-append", kernel);
}
