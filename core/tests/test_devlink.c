/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/devlink.h"

#include <linux/devlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "tests/assert.h"

/*
 * Answers of devlink as the kernel sends them (Linux 6.12, devlink_nl_eswitch_fill()): the device,
 * then the mode as 16 bits, the inline mode, the encapsulation mode.
 */

enum { FAMILY = 30 };

static struct {
	bool connects, has_devlink, refuses;
	int mode; /* -1: the answer has none */
	char asked[64];
	nl_recvmsg_msg_cb_t take;
	void *argument;
} kernel;

bool __wrap_host_is_live(const struct host *host);
int __wrap_genl_connect(struct nl_sock *socket);
int __wrap_genl_ctrl_resolve(struct nl_sock *socket, const char *name);
int __wrap_nl_send_auto(struct nl_sock *socket, struct nl_msg *request);
int __wrap_nl_recvmsgs_default(struct nl_sock *socket);
int __wrap_nl_socket_modify_cb(struct nl_sock *socket, enum nl_cb_type type, enum nl_cb_kind kind,
		nl_recvmsg_msg_cb_t take, void *argument);

bool __wrap_host_is_live(const struct host *host)
{
	return host == NULL;
}

int __wrap_genl_connect(struct nl_sock *socket)
{
	(void)socket;
	return kernel.connects ? 0 : -NLE_PROTO_MISMATCH;
}

int __wrap_genl_ctrl_resolve(struct nl_sock *socket, const char *name)
{
	(void)socket;
	assert_string_equal(name, "devlink");
	return kernel.has_devlink ? FAMILY : -NLE_OBJ_NOTFOUND;
}

int __wrap_nl_send_auto(struct nl_sock *socket, struct nl_msg *request)
{
	struct nlattr *found[DEVLINK_ATTR_MAX + 1] = { 0 };
	const struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(request));

	(void)socket;
	assert_int_equal(nlmsg_hdr(request)->nlmsg_type, FAMILY);
	assert_int_equal(header->cmd, DEVLINK_CMD_ESWITCH_GET);
	assert_int_equal(genlmsg_parse(nlmsg_hdr(request), 0, found, DEVLINK_ATTR_MAX, NULL), 0);
	snprintf(kernel.asked, sizeof(kernel.asked), "%s/%s",
			nla_get_string(found[DEVLINK_ATTR_BUS_NAME]),
			nla_get_string(found[DEVLINK_ATTR_DEV_NAME]));
	return 1;
}

int __wrap_nl_socket_modify_cb(struct nl_sock *socket, enum nl_cb_type type, enum nl_cb_kind kind,
		nl_recvmsg_msg_cb_t take, void *argument)
{
	(void)socket;
	assert_int_equal(type, NL_CB_VALID);
	assert_int_equal(kind, NL_CB_CUSTOM);
	kernel.take = take;
	kernel.argument = argument;
	return 0;
}

int __wrap_nl_recvmsgs_default(struct nl_sock *socket)
{
	struct nl_msg *answer = nlmsg_alloc();
	int rc;

	(void)socket;
	if (kernel.refuses) {
		nlmsg_free(answer);
		return -NLE_PERM;
	}
	genlmsg_put(answer, 0, 0, FAMILY, 0, 0, DEVLINK_CMD_ESWITCH_GET, 1);
	nla_put_string(answer, DEVLINK_ATTR_BUS_NAME, "pci");
	nla_put_string(answer, DEVLINK_ATTR_DEV_NAME, "0000:01:00.0");
	if (kernel.mode >= 0)
		nla_put_u16(answer, DEVLINK_ATTR_ESWITCH_MODE, (uint16_t)kernel.mode);
	nla_put_u8(answer, DEVLINK_ATTR_ESWITCH_INLINE_MODE, 0);
	rc = kernel.take(answer, kernel.argument);
	nlmsg_free(answer);
	return rc;
}

static enum eswitch_mode ask(void)
{
	return devlink_eswitch_mode(NULL, (struct bdf){ 0, 1, 0, 0 });
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.connects = kernel.has_devlink = true;
	return 0;
}

static void reads_each_mode(void **state)
{
	static const struct {
		int mode;
		const char *name;
	} modes[] = { { 0, "legacy" }, { 1, "switchdev" }, { 2, "switchdev_inactive" },
		{ 3, "unknown" }, { -1, "unknown" } };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		kernel.mode = modes[i].mode;
		assert_string_equal(eswitch_mode_name(ask()), modes[i].name);
		assert_string_equal(kernel.asked, "pci/0000:01:00.0");
	}
}

/* A driver without devlink, a kernel without it, a user who may not ask. */
static void knows_no_mode_without_an_answer(void **state)
{
	(void)state;
	kernel.mode = 1;
	kernel.refuses = true;
	assert_int_equal(ask(), ESWITCH_UNKNOWN);
	kernel.has_devlink = false;
	assert_int_equal(ask(), ESWITCH_UNKNOWN);
	kernel.connects = false;
	assert_int_equal(ask(), ESWITCH_UNKNOWN);
}

static void asks_nothing_of_a_recorded_tree(void **state)
{
	struct host *recorded = (struct host *)&kernel; /* host_is_live() alone looks at it */

	(void)state;
	kernel.mode = 1;
	assert_int_equal(devlink_eswitch_mode(recorded, (struct bdf){ 0, 1, 0, 0 }),
			ESWITCH_UNKNOWN);
	assert_string_equal(kernel.asked, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_each_mode, setup),
		cmocka_unit_test_setup(knows_no_mode_without_an_answer, setup),
		cmocka_unit_test_setup(asks_nothing_of_a_recorded_tree, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
