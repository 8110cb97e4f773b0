/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_GUID_H
#define BASE_GUID_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The GUID of an InfiniBand node or port, an EUI-64, as a number: its first octet is the most
 * significant one. rtnetlink has it so, too (struct ifla_vf_guid).
 */

#define GUID_TEXT 24 /* "02:00:00:00:00:00:00:01" and its terminating zero */

/* Parses the forms in which Linux and its tools print GUIDs: "02:00:00:00:00:00:00:01" (ip),
 * "0200:0000:0000:0001" (sysfs, rdma), "0x0200000000000001" (ibstat). Returns 0 or -EINVAL. */
int guid_parse(const char *text, uint64_t *guid);
const char *guid_format(uint64_t guid, char text[GUID_TEXT]);

/* All zeros and all ones are no identifiers. */
bool guid_is_null(uint64_t guid);

#endif
