/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/request.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "data/record.h"
#include "guest/frame.h"

/*
 * A request is read member by member. A member that its op does not know is an error, because a check
 * that a guest has understood otherwise would say nothing.
 */

enum {
	MTU_LIMIT = 65535,
	VLAN_LIMIT = 4094,
	PRIORITY_LIMIT = 7,
	FRAMES_LIMIT = 1000000,
	EVERY_US_LIMIT = 10000000,
	JOB_LIMIT = 1 << 30,
	PREFIX_LIMIT = 32,
};

static const struct {
	const char *name;
	unsigned must, may;
} ops[OPS] = {
	[OP_HELLO] = { "hello", 0, 0 },
	[OP_INTERFACES] = { "interfaces", 0, 0 },
	[OP_SET] = { "set", HAS_INTERFACE, HAS_UP | HAS_MTU | HAS_MAC | HAS_ADDRESS },
	[OP_ADD_VLAN] = { "add-vlan", HAS_INTERFACE | HAS_VLAN, 0 },
	[OP_SEND] = { "send", HAS_INTERFACE | HAS_TO | HAS_MARK | HAS_FRAMES,
			HAS_FROM | HAS_OCTETS | HAS_VLAN | HAS_PRIORITY | HAS_EVERY },
	[OP_LISTEN] = { "listen", HAS_INTERFACE | HAS_MARK, 0 },
	[OP_REFLECT] = { "reflect", HAS_INTERFACE | HAS_MARK, 0 },
	[OP_HEARD] = { "heard", HAS_JOB, 0 },
	[OP_SENT] = { "sent", HAS_JOB, 0 },
	[OP_STOP] = { "stop", HAS_JOB, 0 },
	[OP_LOAD] = { "load", HAS_MODULE, 0 },
	[OP_UNLOAD] = { "unload", HAS_MODULE, 0 },
	[OP_HALT] = { "halt", 0, 0 },
	[OP_HANG] = { "hang", 0, 0 },
	[OP_CRASH] = { "crash", 0, 0 },
	[OP_REBOOT] = { "reboot", 0, 0 },
	[OP_POWEROFF] = { "poweroff", 0, 0 },
};

static bool is_word(const char *text, const char *more)
{
	static const char letters[] =
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	while (*text && (strchr(letters, *text) || strchr(more, *text)))
		text++;
	return !*text;
}

static bool read_interface(const char *text, struct request *request)
{
	if (!*text || strlen(text) >= sizeof(request->interface) || !is_word(text, "-_.@") ||
			!strcmp(text, ".") || !strcmp(text, ".."))
		return false;
	strcpy(request->interface, text);
	return true;
}

static bool read_module(const char *text, struct request *request)
{
	if (!*text || strlen(text) >= sizeof(request->module) || !is_word(text, "-_"))
		return false;
	strcpy(request->module, text);
	return true;
}

static bool read_mac(const char *text, struct request *request)
{
	return mac_parse(text, &request->mac) == 0;
}

static bool read_to(const char *text, struct request *request)
{
	return mac_parse(text, &request->to) == 0;
}

static bool read_from(const char *text, struct request *request)
{
	return mac_parse(text, &request->from) == 0;
}

static bool read_mark(const char *text, struct request *request)
{
	return number_parse(text, 0, UINT64_MAX, &request->mark) == 0;
}

/* "192.0.2.1/24" */
static bool read_address(const char *text, struct request *request)
{
	const char *slash = strchr(text, '/');
	char address[INET_ADDRSTRLEN];
	uint64_t prefix;

	if (!slash || slash - text >= (ptrdiff_t)sizeof(address) ||
			number_parse(slash + 1, 0, PREFIX_LIMIT, &prefix) < 0)
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	request->prefix = (unsigned)prefix;
	return inet_pton(AF_INET, address, &request->address) == 1;
}

/* Members have a text, a number within limits, or a truth value. */
static const struct member {
	const char *name;
	enum request_member has;
	bool (*read)(const char *text, struct request *request); /* NULL: a number */
	size_t number;                                           /* its place in struct request */
	int64_t min, max;
	const char *form;
} members[] = {
	{ "interface", HAS_INTERFACE, read_interface, 0, 0, 0, "the name of an interface" },
	{ "mac", HAS_MAC, read_mac, 0, 0, 0, "a MAC address" },
	{ "to", HAS_TO, read_to, 0, 0, 0, "a MAC address" },
	{ "from", HAS_FROM, read_from, 0, 0, 0, "a MAC address" },
	{ "address", HAS_ADDRESS, read_address, 0, 0, 0, "an address like 192.0.2.1/24" },
	{ "mark", HAS_MARK, read_mark, 0, 0, 0, "a text like 0x1234" },
	{ "module", HAS_MODULE, read_module, 0, 0, 0, "the name of a module" },
	{ "mtu", HAS_MTU, NULL, offsetof(struct request, mtu), 68, MTU_LIMIT, "an MTU" },
	{ "vlan", HAS_VLAN, NULL, offsetof(struct request, vlan), 0, VLAN_LIMIT, "a VLAN" },
	{ "priority", HAS_PRIORITY, NULL, offsetof(struct request, priority), 0, PRIORITY_LIMIT,
			"a priority" },
	{ "frames", HAS_FRAMES, NULL, offsetof(struct request, frames), 1, FRAMES_LIMIT,
			"a number of frames" },
	{ "octets", HAS_OCTETS, NULL, offsetof(struct request, octets), FRAME_OCTETS_MIN,
			FRAME_OCTETS_MAX, "the length of a frame" },
	{ "every_us", HAS_EVERY, NULL, offsetof(struct request, every_us), 1, EVERY_US_LIMIT,
			"microseconds" },
	{ "job", HAS_JOB, NULL, offsetof(struct request, job), 1, JOB_LIMIT,
			"the number of a job" },
};

static bool read_number(
		const struct member *member, const struct record *value, struct request *request)
{
	double number = record_number(value);
	unsigned whole;

	if (!record_is_number(value) || number < (double)member->min ||
			number > (double)member->max)
		return false;
	whole = (unsigned)number;
	memcpy((char *)request + member->number, &whole, sizeof(whole));
	return (double)whole == number;
}

static const struct member *find_member(const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (!strcmp(members[i].name, name))
			return &members[i];
	}
	return NULL;
}

static int read_member(const char *name, const struct record *value, struct request *request,
		struct err *err)
{
	const struct member *member = find_member(name);
	const char *text = record_text(value);

	if (!strcmp(name, "id") || !strcmp(name, "op"))
		return 0;
	if (!strcmp(name, "up") && record_type(value) == RECORD_BOOL) {
		request->up = record_truth(value);
		request->given |= HAS_UP;
		return 0;
	}
	if (!member)
		return err_set(err, EINVAL, "unknown or wrong member %s", name);
	if (member->read ? !text || !member->read(text, request)
			 : !read_number(member, value, request))
		return err_set(err, EINVAL, "%s needs %s", name, member->form);
	request->given |= member->has;
	return 0;
}

static int read_op(const char *name, struct request *request, struct err *err)
{
	for (unsigned op = 0; op < OPS; op++) {
		if (!strcmp(ops[op].name, name)) {
			request->op = op;
			return 0;
		}
	}
	return err_set(err, EINVAL, "unknown op");
}

static int check_given(const struct request *request, struct err *err)
{
	unsigned must = ops[request->op].must, all = must | ops[request->op].may;
	unsigned odd = request->given & ~all, missing = must & ~request->given;

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if ((odd | missing) & members[i].has)
			return err_set(err, EINVAL, "%s %s %s", ops[request->op].name,
					odd & members[i].has ? "takes no" : "needs",
					members[i].name);
	}
	return odd ? err_set(err, EINVAL, "%s takes no up", ops[request->op].name) : 0;
}

int request_parse(const char *line, size_t length, struct request *request, struct err *err)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	const struct record *value;
	const char *name;
	int rc = record_parse("request", line, length, &record, err);

	*request = (struct request){ 0 };
	if (!rc && record_type(record) != RECORD_OBJECT)
		rc = err_set(err, EINVAL, "a request is an object");
	if (rc < 0)
		return rc;
	request->id = record_int(record, "id", 0);
	if (request->id <= 0)
		return err_set(err, EINVAL, "a request needs an id above 0");
	rc = read_op(record_str(record, "op", ""), request, err);
	for (size_t i = 0; !rc && record_member(record, i, &name, &value); i++)
		rc = read_member(name, value, request, err);
	return rc ? rc : check_given(request, err);
}
