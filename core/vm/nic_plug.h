/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_NIC_PLUG_H
#define VM_NIC_PLUG_H

#include "vm/vf_give.h"

/*
 * Plugs the devices of a planned NIC into SIDES of a machine, each set and verified. Where another
 * takes the chosen VF first, it goes on with the next candidate. It ends with all of them plugged
 * in, or with none; after an error of is_unknown_end() the VF stays reserved until it is seen what
 * libvirt has done.
 */
int nic_plug(const struct giving *giving, struct nic_plan *nic, unsigned sides, struct err *err);

#endif
