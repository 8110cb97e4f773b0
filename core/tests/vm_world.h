/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_VM_WORLD_H
#define TESTS_VM_WORLD_H

#include "base/diagnostics.h"
#include "tests/fake_libvirt.h"
#include "tests/fake_rtnetlink.h"
#include "tests/tree_hook.h"
#include "vm/attach.h"
#include "vm/detach.h"

/*
 * A host of files with the card of tree_igb(), the VMs web1 and web2, and a libvirt and a kernel of the tests'
 * own. libvirt's hooks do to the host what libvirt and QEMU do to a real one.
 */
enum { WORLD_VFS = 4, WORLD_QEMU = 812 };

#define WORLD_UUID  "6d0f4a1c-0000-4000-8000-000000000001"
#define WORLD_UUID2 "6d0f4a1c-0000-4000-8000-000000000002"

struct vm_world {
	struct tree *tree;
	struct fake_rtnetlink *kernel;
	struct fake_libvirt *libvirt;
	struct hypervisor *hypervisor;
	struct diagnostics notes;
};

extern struct vm_world world;
extern const struct bdf world_card;

/* For cmocka's setup and teardown. */
int world_begin(void **state);
int world_end(void **state);

/*
 * A second host, of another boot, whose kernel and daemon are in files of its tree, so that another process
 * can be that host: it calls world_adopt(). The daemon is reached here by a URI "target:". world_share()
 * comes before world_begin(): what forked processes do to this host is seen here. A forked process calls
 * world_after_fork().
 */
void world_share(void);
struct vm_world world_second(void);
void world_adopt(const char *root);
void world_after_fork(void);

/* fake_libvirt_map() */
struct fake_libvirt *world_daemon(unsigned daemon, const char *file);

const char *world_vf(unsigned vf);                   /* "0000:01:10.2" */
struct vf_settings world_before(unsigned vf);        /* at the beginning */
void world_file(const char *path, const char *text); /* a file of the manager */
void world_add_domain(const char *name, const char *uuid, unsigned ports);

/* What happens to a VF. */
void world_bind(unsigned vf, const char *driver);
void world_open(unsigned vf); /* by QEMU */
void world_close(unsigned vf);
void world_release(
		unsigned vf); /* as libvirt does: it puts back MAC and VLAN id, and nothing else */
unsigned world_vf_of(const char *xml); /* the VF of an <interface> */
unsigned world_vf_with(const struct fake_domain *domain, const char *alias);

/* The hooks of a libvirt that works. */
struct fake_answer world_plug(struct fake_domain *domain, const char *xml);
struct fake_answer world_unplug(struct fake_domain *domain, const char *alias, bool *removed);

struct fake_answer world_start(struct fake_domain *domain, const char *xml);
struct fake_answer world_destroy(struct fake_domain *domain);

/* Plan and run; what REQUEST leaves open is web1 and the profile "fast". */
int world_attach(struct attach_request request, struct attach *attach, struct err *err);
void world_attach_well(struct attach_request request);
int world_detach(const char *vm, const char *nic, int limit_s, struct err *err);

/* Settles the reservations, as each verb that changes something does first. */
void world_settle(void);

/* As though the process that made the reservations had been killed long ago. */
void world_age_reservations(void);

void assert_untouched(unsigned vf);
void assert_nothing_happened(void);
size_t count_vnics(void);

/* How often the words are there. */
size_t times(const char *text, const char *words);

#endif
