/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "netdev/netdev.h"
#include "netdev/netdev_uses.h"
#include "netdev/rtnetlink.h"
#include "tests/assert.h"

/*
 * Requests that a real kernel answers, in a network namespace of the test's own: a pair of veth and
 * a bridge.
 */

static struct host *host;

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static struct nl_msg *request(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	assert_non_null(message);
	assert_int_equal(nlmsg_append(message, (void *)header, size, NLMSG_ALIGNTO), 0);
	return message;
}

static int change(struct nl_msg *message)
{
	CLEANUP(cleanup_message) struct nl_msg *own = message;
	struct rtnetlink_refusal refusal;

	return rtnetlink_change(host, own, &refusal, NULL);
}

/* PEER: the name of a veth's other end, or NULL. */
static int add_link(const char *name, const char *kind, const char *peer)
{
	const struct ifinfomsg header = { 0 };
	struct nl_msg *message =
			request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	struct nlattr *info, *data, *end;

	nla_put_string(message, IFLA_IFNAME, name);
	info = nla_nest_start(message, IFLA_LINKINFO);
	nla_put_string(message, IFLA_INFO_KIND, kind);
	if (peer) {
		data = nla_nest_start(message, IFLA_INFO_DATA);
		end = nla_nest_start(message, VETH_INFO_PEER);
		nlmsg_append(message, (void *)&header, sizeof(header), NLMSG_ALIGNTO);
		nla_put_string(message, IFLA_IFNAME, peer);
		nla_nest_end(message, end);
		nla_nest_end(message, data);
	}
	nla_nest_end(message, info);
	return change(message);
}

static int set_number(const char *name, int attribute, uint32_t value)
{
	struct ifinfomsg header = { .ifi_index = (int)if_nametoindex(name) };
	struct nl_msg *message = request(RTM_SETLINK, 0, &header, sizeof(header));

	nla_put_u32(message, attribute, value);
	return change(message);
}

static int add_altname(const char *name, const char *altname)
{
	struct ifinfomsg header = { .ifi_index = (int)if_nametoindex(name) };
	struct nl_msg *message = request(RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND,
			&header, sizeof(header));
	struct nlattr *list = nla_nest_start(message, IFLA_PROP_LIST | NLA_F_NESTED);

	nla_put_string(message, IFLA_ALT_IFNAME, altname);
	nla_nest_end(message, list);
	return change(message);
}

static int add_address(const char *name, uint8_t last_octet)
{
	struct ifaddrmsg header = {
		.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = if_nametoindex(name)
	};
	uint8_t address[4] = { 192, 0, 2, last_octet };
	struct nl_msg *message =
			request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));

	nla_put(message, IFA_LOCAL, sizeof(address), address);
	return change(message);
}

static struct netdev read_it(const char *name)
{
	struct netdev netdev;
	struct err err = { 0 };

	if (netdev_read(host, name, &netdev, &err) < 0)
		fail_msg("%s", err.msg);
	netdev_free(&netdev);
	return netdev;
}

static void has_a_link_while_both_ends_are_up(void **state)
{
	(void)state;
	assert_false(read_it("left").up);
	assert_int_equal(netdev_set_up(host, "left", true, NULL), 0);
	assert_true(read_it("left").up);
	assert_false(read_it("left").carrier);
	assert_int_equal(netdev_set_up(host, "right", true, NULL), 0);
	assert_true(read_it("left").carrier);
	assert_int_equal(netdev_set_up(host, "right", false, NULL), 0);
	assert_false(read_it("left").carrier);
	assert_int_equal(netdev_set_up(host, "left", false, NULL), 0);
	assert_false(read_it("left").up);
}

static void sets_mtu_and_mac(void **state)
{
	const struct mac mac = { { 2, 0, 0, 0, 0, 7 } }, group = { { 3, 0, 0, 0, 0, 7 } };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(netdev_set_mtu(host, "left", 1400, NULL), 0);
	assert_int_equal(read_it("left").mtu, 1400);
	assert_int_equal(netdev_set_mac(host, "left", mac, NULL), 0);
	assert_true(mac_equal(read_it("left").mac, mac));
	assert_int_equal(netdev_set_mac(host, "left", group, &err), -EADDRNOTAVAIL);
	assert_says(err.msg, "left: cannot set MAC 03:00:00:00:00:07: ");
	assert_true(mac_equal(read_it("left").mac, mac));
}

/* The kernel's own words come with its refusal. */
static void passes_on_what_the_kernel_says(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(netdev_set_mtu(host, "left", 1, &err), -EINVAL);
	assert_says(err.msg,
			"left: cannot set MTU 1: Invalid argument: mtu less than device minimum");
	assert_int_not_equal(read_it("left").mtu, 1);
}

static void has_no_vfs(void **state)
{
	struct vf_settings settings = { .given = VF_VLAN, .vlan = 5, .proto = 0x8100 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_it("left").vf_count, 0);
	assert_int_equal(netdev_set_vf(host, "left", 0, &settings, &err), -EOPNOTSUPP);
	assert_says(err.msg,
			"left: VF 0: cannot set VLAN 5, qos 0, protocol 802.1Q: the driver does not offer it");
}

static void counts_addresses(void **state)
{
	struct netdev_uses uses;
	struct netdev_use use;
	struct err err = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		netdev_uses_read(host, &uses);
		assert_int_equal(netdev_uses_of(host, &uses, "right", &use, NULL), 0);
		assert_int_equal(use.addresses, i);
		assert_int_equal(use.index, if_nametoindex("right"));
		assert_int_equal(netdev_uses_of(host, &uses, "left", &use, NULL), 0);
		assert_int_equal(use.addresses, 0);
		assert_int_equal(netdev_uses_of(host, &uses, "none", &use, &err), -ENODEV);
		netdev_uses_free(&uses);
		assert_int_equal(add_address("right", (uint8_t)(1 + i)), 0);
	}
}

static void sees_its_bridge(void **state)
{
	(void)state;
	assert_int_equal(read_it("left").master, 0);
	assert_int_equal(set_number("left", IFLA_MASTER, if_nametoindex("bridge")), 0);
	assert_int_equal(read_it("left").master, if_nametoindex("bridge"));
	assert_int_equal(set_number("left", IFLA_MASTER, 0), 0);
}

static void finds_an_alternative_name(void **state)
{
	static const char altname[] = "a-name-that-is-longer-than-an-interface-has";
	char name[IFNAMSIZ] = "";

	(void)state;
	assert_int_equal(netdev_of_altname(host, altname, name), -ENODEV);
	assert_int_equal(add_altname("left", altname), 0);
	assert_int_equal(netdev_of_altname(host, altname, name), 0);
	assert_string_equal(name, "left");
	assert_int_equal(netdev_of_altname(host, "", name), -ENODEV);
}

static void moves_to_another_namespace(void **state)
{
	CLEANUP(cleanup_fd) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_fd) int other = -1;
	struct netdev netdev;

	(void)state;
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	other = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	assert_int_equal(netdev_move(host, "right", other, "moved", NULL), 0);
	assert_int_equal(netdev_read(host, "right", &netdev, NULL), -ENODEV);
	assert_int_equal(setns(other, CLONE_NEWNET), 0);
	assert_string_equal(read_it("moved").name, "moved");
	assert_int_equal(netdev_move(host, "moved", home, "right", NULL), 0);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	assert_string_equal(read_it("right").name, "right");
}

/* In a child, since a user namespace cannot be left. */
static void says_who_may(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct err err = { 0 };

		if (unshare(CLONE_NEWUSER) < 0)
			_exit(77);
		_exit(netdev_set_up(host, "left", true,
				      &err) == -EPERM && strstr(err.msg, "left: cannot bring it up: ") &&
								strstr(err.msg, "(run as root)")
						? 0
						: 1);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_a_link_while_both_ends_are_up),
		cmocka_unit_test(sets_mtu_and_mac),
		cmocka_unit_test(passes_on_what_the_kernel_says),
		cmocka_unit_test(has_no_vfs),
		cmocka_unit_test(counts_addresses),
		cmocka_unit_test(sees_its_bridge),
		cmocka_unit_test(finds_an_alternative_name),
		cmocka_unit_test(moves_to_another_namespace),
		cmocka_unit_test(says_who_may),
	};
	int status;

	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET) < 0) {
		perror("skipped: no network namespace of its own");
		return 77;
	}
	if (host_open("/", &host, NULL) < 0)
		return 1;
	if (add_link("left", "veth", "right") < 0 || add_link("bridge", "bridge", NULL) < 0) {
		puts("skipped: this kernel has no veth or no bridge");
		status = 77;
	} else {
		status = cmocka_run_group_tests(tests, NULL, NULL);
	}
	host_close(host);
	return status;
}
