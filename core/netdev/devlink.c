/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/devlink.h"

#include <linux/devlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* In kernel headers since 7.1. */
enum { INACTIVE = 2 };

static void cleanup_socket(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static int take_mode(struct nl_msg *message, void *argument)
{
	struct nlattr *found[DEVLINK_ATTR_MAX + 1];
	enum eswitch_mode *mode = argument;

	if (genlmsg_parse(nlmsg_hdr(message), 0, found, DEVLINK_ATTR_MAX, NULL) < 0 ||
			!found[DEVLINK_ATTR_ESWITCH_MODE])
		return NL_OK;
	switch (nla_get_u16(found[DEVLINK_ATTR_ESWITCH_MODE])) {
	case DEVLINK_ESWITCH_MODE_LEGACY:
		*mode = ESWITCH_LEGACY;
		break;
	case DEVLINK_ESWITCH_MODE_SWITCHDEV:
		*mode = ESWITCH_SWITCHDEV;
		break;
	case INACTIVE:
		*mode = ESWITCH_SWITCHDEV_INACTIVE;
		break;
	default:
		break;
	}
	return NL_OK;
}

enum eswitch_mode devlink_eswitch_mode(const struct host *host, struct bdf pf)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	CLEANUP(cleanup_message) struct nl_msg *request = NULL;
	enum eswitch_mode mode = ESWITCH_UNKNOWN;
	char text[BDF_TEXT];
	int family;

	if (!host_is_live(host))
		return ESWITCH_UNKNOWN;
	socket = nl_socket_alloc();
	request = nlmsg_alloc();
	if (!socket || !request)
		abort();
	if (genl_connect(socket) < 0 || (family = genl_ctrl_resolve(socket, DEVLINK_GENL_NAME)) < 0)
		return ESWITCH_UNKNOWN;
	if (!genlmsg_put(request, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, DEVLINK_CMD_ESWITCH_GET,
			    DEVLINK_GENL_VERSION) ||
			nla_put_string(request, DEVLINK_ATTR_BUS_NAME, "pci") < 0 ||
			nla_put_string(request, DEVLINK_ATTR_DEV_NAME, bdf_format(pf, text)) < 0)
		abort();
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_mode, &mode);
	nl_socket_disable_auto_ack(socket);
	/* A refusal (no eswitch, no privilege) leaves the mode unknown. */
	if (nl_send_auto(socket, request) >= 0)
		(void)nl_recvmsgs_default(socket);
	return mode;
}

const char *eswitch_mode_name(enum eswitch_mode mode)
{
	static const char *const names[] = { [ESWITCH_UNKNOWN] = "unknown",
		[ESWITCH_LEGACY] = "legacy",
		[ESWITCH_SWITCHDEV] = "switchdev",
		[ESWITCH_SWITCHDEV_INACTIVE] = "switchdev_inactive" };

	return names[mode];
}
