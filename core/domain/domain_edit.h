/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_EDIT_H
#define DOMAIN_DOMAIN_EDIT_H

#include <stddef.h>

/*
 * Puts XML into a domain's XML, which domain_parse() has read without an error: HEAD at the
 * beginning of <domain>, DEVICES at the end of its first <devices>. All else stays as it is, byte
 * by byte. Returns text for the caller to free.
 */
char *domain_insert(const char *text, const char *head, const char *devices);

/*
 * The XML without the <interface> that has the alias, and the one in which that <interface> is on
 * another bridge, whose name needs no escapes. XML that has no such NIC stays as it is. Both return
 * text for the caller to free.
 */
char *domain_without_nic(const char *text, const char *alias);
char *domain_with_bridge(const char *text, const char *alias, const char *bridge);

#endif
