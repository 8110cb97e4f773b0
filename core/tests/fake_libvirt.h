/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FAKE_LIBVIRT_H
#define TESTS_FAKE_LIBVIRT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A libvirt whose machines are in memory and do what the test wants. It is a library of its own, which the
 * code under test loads in place of the real one: LD_LIBRARY_PATH names its folder.
 *
 * A plugged device is in the XML as it was given. What else happens on the host is up to the hooks.
 *
 * There are two daemons: that of this host, and the one of URIs that begin with "target:". What one has
 * may be in a file that several processes map, so that the target of one is the host of another.
 */
enum { FAKE_DOMAINS = 4, FAKE_NETWORKS = 3, FAKE_XML = 16384 };
enum { FAKE_HOST, FAKE_TARGET, FAKE_DAEMONS };

/* The phases of a migration, at each of which it can fail. */
enum fake_phase {
	PHASE_NONE,
	PHASE_BEGIN,   /* refused */
	PHASE_PREPARE, /* the connection to the target is lost */
	PHASE_PERFORM, /* QEMU fails */
	PHASE_ENDLESS, /* it goes on until it is aborted */
	PHASE_STUCK,   /* not even then does it end */
	PHASE_UNSURE,  /* all was copied; the source is paused, and nothing runs at the target */
	PHASE_CONFIRM, /* it runs at the target, and the connection to the source is lost */
};

struct fake_domain {
	char name[64], uuid[37];
	bool running, persistent, saved, paused;
	char live[FAKE_XML], config[FAKE_XML];
};

/* What a call answers: 0, or a code of libvirt with its text. */
struct fake_answer {
	int code;
	const char *text;
};

/* A network, and the XML of what a machine has of it, or "". */
struct fake_network {
	char name[32], xml[2048], port[512];
	bool active;
};

struct fake_libvirt {
	size_t count;
	struct fake_domain domains[FAKE_DOMAINS];
	size_t network_count;
	struct fake_network networks[FAKE_NETWORKS];
	bool no_networks; /* libvirt has no network driver */

	/* Called before the live XML is changed. NULL: success. */
	struct fake_answer (*attach)(struct fake_domain *domain, const char *xml);
	/* Says whether the device is removed at once, with its event. NULL: it is. */
	struct fake_answer (*detach)(struct fake_domain *domain, const char *alias, bool *removed);
	/* Called before the machine runs with XML, and before it ends. NULL: success, and nothing. */
	struct fake_answer (*start)(struct fake_domain *domain, const char *xml);
	struct fake_answer (*destroy)(struct fake_domain *domain);
	/* Called before the configuration is changed. NULL: success. */
	struct fake_answer (*configure)(struct fake_domain *domain, const char *xml);
	/* Called before a device of a running machine is changed, and before a configuration is
	 * defined. NULL: success. */
	struct fake_answer (*update)(struct fake_domain *domain, const char *xml);
	struct fake_answer (*define)(struct fake_domain *domain, const char *xml);
	/* Called in each phase that is reached; NULL: nothing. */
	void (*migrate)(enum fake_phase phase);
	void (*stopped_by_migration)(struct fake_domain *domain); /* at the source; NULL: nothing */
	enum fake_phase migration_fails;                          /* of the source's daemon */
	bool aborted;             /* virDomainAbortJob() was called */
	int lost_for;             /* the process whose calls all fail, until it opens it again */
	unsigned migrated;        /* calls so far */
	unsigned migration_flags; /* of the last one */
	char migration_uri[100];
	bool drops_nic;              /* reports success, and the XML stays as it was */
	unsigned hangs;              /* the next calls never return */
	unsigned attached, detached; /* calls so far */
	unsigned updated, defined;
	unsigned started, destroyed;

	/* For tests and hooks. */
	void (*remove)(struct fake_domain *domain, const char *alias);  /* from the live XML */
	void (*removed)(struct fake_domain *domain, const char *alias); /* the event */
	void (*refused)(struct fake_domain *domain, const char *alias); /* the event */
	void (*stopped)(struct fake_domain *domain);                    /* the event */
};

/* Exported by the library: found by dlsym(). */
struct fake_libvirt *fake_libvirt(void); /* of this host */

/* The same of any daemon, emptied and in memory that forked processes share, or in FILE, as it is there. */
struct fake_libvirt *fake_libvirt_map(unsigned daemon, const char *file);

#endif
