/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_LINK_MESSAGE_H
#define NETDEV_LINK_MESSAGE_H

#include <linux/netlink.h>

#include "netdev/netdev.h"

/*
 * Decodes RTM_NEWLINK, the kernel's description of an interface, with the settings of its VFs if
 * they were asked for. A VF that the driver does not report has no setting in "given".
 *
 * The list of VFs is one attribute, whose length has 16 bits. A VF has some 170 bytes, and 300 with
 * its statistics.
 * Of a longer list Linux up to 7.0 writes the length modulo 65536; the list itself is whole, and
 * its end is found by the VFs in it.
 *
 * -EMSGSIZE: the list is cut off; NETDEV is complete but for the VFs. -EBADMSG: the message is no
 * RTM_NEWLINK, or is malformed; NETDEV is empty.
 */
int link_message_decode(const struct nlmsghdr *message, struct netdev *netdev, struct err *err);

#endif
