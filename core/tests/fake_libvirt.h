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
 */
enum { FAKE_DOMAINS = 4, FAKE_XML = 16384 };

struct fake_domain {
	char name[64], uuid[37];
	bool running, persistent, saved;
	char live[FAKE_XML], config[FAKE_XML];
};

/* What a call answers: 0, or a code of libvirt with its text. */
struct fake_answer {
	int code;
	const char *text;
};

struct fake_libvirt {
	size_t count;
	struct fake_domain domains[FAKE_DOMAINS];

	/* Called before the live XML is changed. NULL: success. */
	struct fake_answer (*attach)(struct fake_domain *domain, const char *xml);
	/* Says whether the device is removed at once, with its event. NULL: it is. */
	struct fake_answer (*detach)(struct fake_domain *domain, const char *alias, bool *removed);
	/* Called before the machine runs with XML, and before it ends. NULL: success, and nothing. */
	struct fake_answer (*start)(struct fake_domain *domain, const char *xml);
	struct fake_answer (*destroy)(struct fake_domain *domain);
	/* Called before the configuration is changed. NULL: success. */
	struct fake_answer (*configure)(struct fake_domain *domain, const char *xml);
	bool drops_nic;              /* reports success, and the XML stays as it was */
	unsigned hangs;              /* the next calls never return */
	unsigned attached, detached; /* calls so far */
	unsigned started, destroyed;

	/* For tests and hooks. */
	void (*remove)(struct fake_domain *domain, const char *alias);  /* from the live XML */
	void (*removed)(struct fake_domain *domain, const char *alias); /* the event */
	void (*refused)(struct fake_domain *domain, const char *alias); /* the event */
	void (*stopped)(struct fake_domain *domain);                    /* the event */
};

/* Exported by the library: found by dlsym(). */
struct fake_libvirt *fake_libvirt(void);

#endif
