/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FAKE_LIBVIRT_INTERNAL_H
#define TESTS_FAKE_LIBVIRT_INTERNAL_H

#include <libvirt/libvirt.h>

#include "tests/fake_libvirt.h"

/* What the files of the fake share. */

extern struct fake_libvirt *daemons[FAKE_DAEMONS];

unsigned daemon_of(const struct fake_domain *domain); /* its place in DAEMONS */
struct fake_libvirt *daemon_with(virDomainPtr domain);

/* Records the error, and returns -1. */
int fail(int code, const char *text);

/* Hangs if the daemon is to hang. True: its connection is lost, with the error recorded. */
bool hang(struct fake_libvirt *fake);

/* Adds a device, and removes the <interface> with that alias. */
void insert(char *xml, const char *device);
bool erase(char *xml, const char *alias);

/* The text behind the tag ELEMENT, "<name>". */
void take_text(const char *xml, const char *element, char *text, size_t size);

/* Removes the first <interface>; false: there is none. */
bool erase_any(char *xml);

#endif
