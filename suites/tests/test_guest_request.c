/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "guest/request.h"
#include "tests/assert.h"

/* What the agent of a guest understands, and what it refuses. */

static int parse(const char *line, struct request *request, struct err *err)
{
	*err = (struct err){ 0 };
	return request_parse(line, strlen(line), request, err);
}

static void takes_what_is_right(void **state)
{
	struct request request;
	struct err err;

	(void)state;
	assert_int_equal(parse("{\"id\":7,\"op\":\"interfaces\"}", &request, &err), 0);
	assert_int_equal(request.id, 7);
	assert_int_equal(request.op, OP_INTERFACES);
	assert_int_equal(parse("{\"id\":1,\"op\":\"send\",\"interface\":\"eth0.5\",\"to\":"
			       "\"02:00:00:00:00:01\",\"mark\":\"0xffffffffffffffff\",\"frames\":3,"
			       "\"octets\":1514,\"vlan\":5,\"priority\":7,\"every_us\":1000}",
					 &request, &err),
			0);
	assert_string_equal(request.interface, "eth0.5");
	assert_true(request.mark == UINT64_MAX);
	assert_int_equal(request.frames, 3);
	assert_int_equal(request.octets, 1514);
	assert_int_equal(request.vlan, 5);
	assert_int_equal(request.priority, 7);
	assert_int_equal(request.every_us, 1000);
	assert_true(request.given & HAS_EVERY);
	assert_false(request.given & HAS_FROM);
	assert_int_equal(parse("{\"id\":1,\"op\":\"set\",\"interface\":\"eth0\",\"up\":false,"
			       "\"address\":\"192.0.2.1/24\"}",
					 &request, &err),
			0);
	assert_false(request.up);
	assert_int_equal(request.given, HAS_INTERFACE | HAS_UP | HAS_ADDRESS);
	assert_int_equal(request.prefix, 24);
	assert_int_equal(request.address.s_addr, htonl(0xc0000201));
}

static void refuses_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "nonsense", "request" },
		{ "[]", "a request is an object" },
		{ "{}", "needs an id" },
		{ "{\"id\":0,\"op\":\"hello\"}", "needs an id" },
		{ "{\"id\":1}", "unknown op" },
		{ "{\"id\":1,\"op\":\"exec\"}", "unknown op" },
		{ "{\"id\":1,\"op\":\"hello\",\"shell\":\"sh\"}", "unknown or wrong member shell" },
		{ "{\"id\":1,\"op\":\"hello\",\"mtu\":1500}", "hello takes no mtu" },
		{ "{\"id\":1,\"op\":\"hello\",\"up\":true}", "hello takes no up" },
		{ "{\"id\":1,\"op\":\"set\"}", "set needs interface" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"../x\"}", "interface needs the name" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"..\"}", "interface needs the name" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"\"}", "interface needs the name" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"abcdefghijklmnop\"}",
				"interface needs the name" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":5}", "interface needs the name" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"mtu\":67}", "mtu needs an MTU" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"mtu\":\"x\"}",
				"mtu needs an MTU" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"mtu\":1500.5}",
				"mtu needs an MTU" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"mtu\":-1500}",
				"mtu needs an MTU" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"up\":1}",
				"unknown or wrong member up" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"address\":\"192.0.2.1\"}",
				"address needs" },
		{ "{\"id\":1,\"op\":\"set\",\"interface\":\"e\",\"address\":\"192.0.2.1/33\"}",
				"address needs" },
		{ "{\"id\":1,\"op\":\"add-vlan\",\"interface\":\"e\",\"vlan\":4095}",
				"vlan needs" },
		{ "{\"id\":1,\"op\":\"listen\",\"interface\":\"e\",\"mark\":1}", "mark needs" },
		{ "{\"id\":1,\"op\":\"heard\",\"job\":0}", "job needs the number" },
		{ "{\"id\":1,\"op\":\"load\",\"module\":\"../../init\"}", "module needs the name" },
		{ "{\"id\":1,\"op\":\"load\",\"module\":\"a/b\"}", "module needs the name" },
		{ "{\"id\":1,\"id\":2,\"op\":\"hello\"}", "request" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct request request;
		struct err err;

		if (parse(bad[i].line, &request, &err) != -EINVAL)
			fail_msg("taken: %s (%s)", bad[i].line, err.msg);
		assert_says(err.msg, bad[i].says);
	}
}

static void a_wrong_request_keeps_its_id(void **state)
{
	struct request request;
	struct err err;

	(void)state;
	assert_int_equal(parse("{\"id\":9,\"op\":\"exec\"}", &request, &err), -EINVAL);
	assert_int_equal(request.id, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_right),
		cmocka_unit_test(refuses_what_is_wrong),
		cmocka_unit_test(a_wrong_request_keeps_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
