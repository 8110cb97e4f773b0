/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_DESIRED_H
#define POLICY_DESIRED_H

#include <net/if.h>
#include <stdbool.h>

#include "base/bdf.h"
#include "base/diagnostics.h"
#include "base/name.h"
#include "host/host.h"
#include "netdev/port.h"
#include "netdev/vf_settings.h"

/*
 * The desired state of this host's cards: policy files NAME.conf, one per card, each with drop-ins
 * NAME.conf.d/ *.conf, in etc/vfctl, run/vfctl and usr/lib/vfctl. As with systemd a file in an
 * earlier folder hides one of the same name in a later one, and a link to /dev/null hides it
 * altogether. Drop-ins are read after their file in the order of their names, and what is read
 * later wins. core/policy/desired.md describes the sections and keys.
 */

/* Selects a card. Everything that is given must match. */
struct pf_selector {
	bool by_path, by_mac, by_device, by_port, by_name;
	struct bdf path;
	struct mac mac; /* the permanent one */
	uint16_t vendor, device;
	unsigned port;
	char name[PORT_NAME_ROOM]; /* of an interface, perhaps an alternative one */
};

struct desired_vf {
	unsigned index;
	struct vf_settings settings;
	char driver[NAME_ROOM]; /* "": not given */
};

/* Sets what KEY of a [Match] section selects. -EINVAL: no such key, or not a value for it. */
int pf_selector_set(struct pf_selector *selector, const char *key, const char *text);

/* One policy file with its drop-ins. */
struct desired {
	char *file;   /* as people are shown it: "/etc/vfctl/10-lan.conf" */
	bool broken;  /* it or one of its drop-ins has errors */
	bool partial; /* a drop-in with errors was left out */
	struct pf_selector selector;
	bool count_given, autoprobe_given;
	unsigned count; /* of VFs */
	bool autoprobe;
	uint32_t mtu; /* 0: not given */
	size_t vf_count;
	struct desired_vf *vfs; /* with settings, in the order of their index */
};

struct desired_set {
	size_t count;
	struct desired *items; /* in the order of their names */
};

/* Loads all policy files of HOST, those with errors too; DIAGNOSTICS gets the errors. Fails only
 * if a folder cannot be read. */
int desired_load(const struct host *host, struct desired_set *set, struct diagnostics *diagnostics,
		struct err *err);

/* The same for a boot, when nobody is there to correct a file: leaves out drop-ins with errors,
 * so that the rest of their file counts. A drop-in has errors if it cannot be read, or if the
 * policy has more errors with it than without it. */
int desired_load_partial(const struct host *host, struct desired_set *set,
		struct diagnostics *diagnostics, struct err *err);

/* Loads files by name, outside of a host's folders, each as a whole policy file; one in a folder
 * *.conf.d as a drop-in, which needs no [Match]. */
void desired_load_files(char *const *paths, size_t count, struct desired_set *set,
		struct diagnostics *diagnostics);

/* Loads a text as a whole policy file. */
void desired_parse(const char *name, const char *text, struct desired_set *set,
		struct diagnostics *diagnostics);

/* The text from which desired_parse() makes the same again, for the caller to free. */
char *desired_print(const struct desired *desired);

void desired_free(struct desired_set *set);
void cleanup_desired(struct desired_set *set);

/* What is wanted of VF INDEX, or NULL. */
const struct desired_vf *desired_vf_of(const struct desired *desired, unsigned index);

#endif
