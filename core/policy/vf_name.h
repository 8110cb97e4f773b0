/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_VF_NAME_H
#define POLICY_VF_NAME_H

#include <stddef.h>

/* Returns the length of the part of a PF's name that begins the names of its VFs. udev calls the
 * interface of VF 3 of ens1f0 "ens1f0v3", and of enp1s0f0np0 "enp1s0f0v3": without the port
 * (systemd.net-naming-scheme(7)). */
size_t vf_name_stem(const char *pf_name);

#endif
