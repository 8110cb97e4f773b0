/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "observe/guest.h"
#include "tests/assert.h"

/* How a host sees its guests. A child plays the agent of a guest: it answers each request with the next line of
 * a script, in which @ stands for the request's id. */

struct fixture {
	char root[32];
	struct dut dut;
	pid_t agent;
	struct guest *guest;
	struct err err;
};

/* The host of the test is a tree. */
bool __wrap_host_is_live(const struct host *host);
bool __wrap_host_is_live(const struct host *host)
{
	(void)host;
	return true;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	CLEANUP(cleanup_free) char *path = NULL;

	strcpy(fixture->root, "/tmp/guest-XXXXXX");
	if (!mkdtemp(fixture->root))
		return -1;
	path = text_format("%s/run/vfcert-guests/disk", fixture->root);
	*state = fixture;
	fixture->dut.scale = 1;
	if (file_make_dirs(path, 0700, NULL) < 0)
		return -1;
	return host_open(fixture->root, &fixture->dut.host, NULL);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	guest_close(fixture->guest);
	if (fixture->agent) {
		kill(fixture->agent, SIGKILL);
		waitpid(fixture->agent, NULL, 0);
	}
	host_close(fixture->dut.host);
	file_remove_tree(fixture->root, NULL);
	free(fixture);
	return 0;
}

static int listen_at(const char *root, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/vfcert-guests/%s.agent", root,
			name);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		fail_msg("no socket %s", address.sun_path);
	return fd;
}

static void play(int fd, const char *const *script)
{
	FILE *stream = fdopen(accept(fd, NULL, NULL), "r+");
	char line[4096];

	while (*script && stream && fgets(line, sizeof(line), stream)) {
		const char *id = strstr(line, "\"id\":"), *next = *script++;

		fseek(stream, 0, SEEK_CUR);
		for (; *next; next++) {
			if (*next == '@')
				fprintf(stream, "%d", id ? atoi(id + 5) : 0);
			else
				fputc(*next, stream);
		}
		fputc('\n', stream);
		fflush(stream);
		fseek(stream, 0, SEEK_CUR);
	}
	/* A guest that hangs keeps its port open. */
	if (*script == NULL && stream)
		pause();
	_exit(0);
}

static void begin(struct fixture *fixture, const char *const *script)
{
	int fd = listen_at(fixture->root, "vm1");

	fixture->agent = fork();
	if (!fixture->agent)
		play(fd, script);
	close(fd);
	assert_int_equal(guest_open(&fixture->dut, "vm1", &fixture->guest, &fixture->err), 0);
}

static void lists_guests(void **state)
{
	struct fixture *fixture = *state;
	char **names;
	size_t count;
	int fds[2] = { listen_at(fixture->root, "vm2"), listen_at(fixture->root, "vm1") };

	assert_true(guests_exist(fixture->dut.host));
	assert_int_equal(guest_names(fixture->dut.host, &names, &count, &fixture->err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(names[0], "vm1");
	assert_string_equal(names[1], "vm2");
	host_names_free(names, count);
	close(fds[0]);
	close(fds[1]);
}

static void drops_events_and_late_answers(void **state)
{
	static const char *const script[] = {
		"{\"event\":\"ready\",\"kernel\":\"old\"}\n{\"id\":1,\"ok\":true,\"kernel\":"
		"\"late\"}\n{\"id\":@,\"ok\":true,\"kernel\":\"6.12.1\"}",
		NULL
	};
	struct fixture *fixture = *state;
	char release[32];

	begin(fixture, script);
	assert_int_equal(guest_kernel(fixture->guest, release, sizeof(release), &fixture->err), 0);
	assert_string_equal(release, "6.12.1");
}

static void names_the_guest_that_fails(void **state)
{
	static const char *const script[] = {
		"{\"id\":@,\"ok\":false,\"error\":\"no interface eth9\"}", NULL
	};
	struct fixture *fixture = *state;

	begin(fixture, script);
	assert_int_equal(guest_set_up(fixture->guest, "eth9", true, &fixture->err), -EREMOTEIO);
	assert_says(fixture->err.msg, "vm1: the guest says: no interface eth9");
	fixture->err = (struct err){ 0 };
	fixture->dut.scale = 0.01;
	assert_int_equal(guest_set_mtu(fixture->guest, "eth9", 1400, &fixture->err), -ETIMEDOUT);
	assert_says(fixture->err.msg, "vm1: the guest at ");
	assert_says(fixture->err.msg, "does not answer in time");
}

static void an_answer_without_sense_is_an_error(void **state)
{
	static const char *const script[] = { "{\"id\":@,", NULL };
	struct fixture *fixture = *state;

	begin(fixture, script);
	assert_true(guest_set_address(fixture->guest, "eth0", "192.0.2.1/24", &fixture->err) < 0);
	assert_says(fixture->err.msg, "vm1: ");
}

#define VF                                                                           \
	"{\"name\":\"eth1\",\"mac\":\"02:00:00:00:00:07\",\"permanent_mac\":null,"   \
	"\"driver\":\"igbvf\",\"address\":\"0000:02:00.0\",\"up\":true,\"carrier\":" \
	"false,\"mtu\":1500,\"rx_packets\":3,\"tx_packets\":4,\"master\":\"eth0\","  \
	"\"failover\":\"primary\"}"
#define MASTER "{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:07\",\"failover\":\"master\"}"

/* The master of a failover pair has the MAC of both. */
static void finds_an_interface_by_its_mac(void **state)
{
	static const char *const script[] = {
		"{\"id\":@,\"ok\":true,\"interfaces\":[]}",
		"{\"id\":@,\"ok\":true,\"interfaces\":[" MASTER "," VF "]}",
		"{\"id\":@,\"ok\":true,\"interfaces\":[" MASTER "," VF "]}",
		"{\"id\":@,\"ok\":true,\"interfaces\":[" MASTER "]}",
		"{\"id\":@,\"ok\":true,\"interfaces\":[" MASTER "]}",
		NULL,
	};
	struct mac mac = { { 2, 0, 0, 0, 0, 7 } };
	struct fixture *fixture = *state;
	struct guest_interface found;

	begin(fixture, script);
	assert_int_equal(
			guest_await_mac(fixture->guest, mac, true, 5000, &found, &fixture->err), 0);
	assert_string_equal(found.name, "eth1");
	assert_string_equal(found.master, "eth0");
	assert_string_equal(found.address, "0000:02:00.0");
	assert_int_equal(found.failover, FAILOVER_PRIMARY);
	assert_true(found.up && !found.carrier);
	assert_true(mac_is_zero(found.permanent));
	assert_int_equal(found.tx_packets, 4);
	assert_int_equal(guest_await_mac(fixture->guest, mac, false, 5000, NULL, &fixture->err), 0);
	assert_int_equal(guest_find_mac(fixture->guest, mac, &found, &fixture->err), -ENOENT);
	assert_says(fixture->err.msg, "vm1 has no interface with the MAC 02:00:00:00:00:07");
}

static void reads_what_was_heard(void **state)
{
	static const char *const script[] = {
		"{\"id\":@,\"ok\":true,\"job\":4}",
		"{\"id\":@,\"ok\":true,\"frames\":5,\"sources\":[{\"mac\":\"02:00:00:00:00:09\","
		"\"frames\":5}],\"vlans\":[{\"vlan\":null,\"frames\":2},{\"vlan\":7,\"frames\":3}],"
		"\"lowest\":1,\"highest\":9,\"missing\":4,\"longest_gap_ms\":12.5,\"silent_ms\":1}",
		"{\"id\":@,\"ok\":true,\"job\":5}",
		"{\"id\":@,\"ok\":true,\"sent\":6,\"refused\":1,\"done\":true}",
		"{\"id\":@,\"ok\":true}",
		NULL,
	};
	struct guest_frames frames = { .mark = 9, .frames = 7, .octets = 1514, .vlan = 7 };
	struct fixture *fixture = *state;
	struct guest_heard heard;
	struct guest_sent sent;
	unsigned job = 0;

	begin(fixture, script);
	assert_int_equal(guest_listen(fixture->guest, "eth0", 9, &job, &fixture->err), 0);
	assert_int_equal(job, 4);
	assert_int_equal(guest_heard(fixture->guest, job, &heard, &fixture->err), 0);
	assert_int_equal(heard.frames, 5);
	assert_int_equal(heard.untagged, 2);
	assert_int_equal(heard.vlan, 7);
	assert_int_equal(heard.missing, 4);
	assert_true(heard.longest_gap_ms == 12.5);
	assert_int_equal(heard.source_count, 1);
	assert_int_equal(heard.sources[0].octet[5], 9);
	assert_int_equal(guest_stream(fixture->guest, "eth0", &frames, &job, &fixture->err), 0);
	assert_int_equal(guest_sent(fixture->guest, job, &sent, &fixture->err), 0);
	assert_int_equal(sent.sent, 6);
	assert_true(sent.done);
	assert_int_equal(guest_stop(fixture->guest, job, &fixture->err), 0);
}

/* The agent that gets this understands it (suites/guest/request.c). */
static void asks_as_the_agent_understands(void **state)
{
	static const char *const script[] = { "{\"id\":@,\"ok\":true,\"job\":1}",
		"{\"id\":@,\"ok\":true}", "{\"id\":@,\"ok\":true}", "{\"id\":@,\"ok\":true}",
		"{\"id\":@,\"ok\":true}", "{\"id\":@,\"ok\":true}", "{\"id\":@,\"ok\":true}",
		NULL };
	struct fixture *fixture = *state;
	struct guest_frames frames = { .mark = 1, .frames = 1 };
	unsigned job;

	begin(fixture, script);
	assert_int_equal(guest_reflect(fixture->guest, "eth0", 1, &job, &fixture->err), 0);
	assert_int_equal(guest_send(fixture->guest, "eth0", &frames, &fixture->err), 0);
	assert_int_equal(guest_set_mac(fixture->guest, "eth0", frames.to, &fixture->err), 0);
	assert_int_equal(guest_add_vlan(fixture->guest, "eth0", 5, &fixture->err), 0);
	assert_int_equal(guest_load(fixture->guest, "igbvf", &fixture->err), 0);
	assert_int_equal(guest_unload(fixture->guest, "igbvf", &fixture->err), 0);
	assert_int_equal(guest_end(fixture->guest, "halt", &fixture->err), 0);
}

static void waits_for_an_agent(void **state)
{
	static const char *const script[] = { "{\"id\":@,\"ok\":true,\"kernel\":\"6.12.1\"}",
		"{\"id\":@,\"ok\":true,\"kernel\":\"6.12.1\"}", NULL };
	struct fixture *fixture = *state;

	assert_int_equal(guest_await(&fixture->dut, "vm3", 100, &fixture->guest, &fixture->err),
			-ENOENT);
	fixture->err = (struct err){ 0 };
	begin(fixture, script);
	assert_string_equal(guest_name(fixture->guest), "vm1");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_guests),
		TEST(drops_events_and_late_answers),
		TEST(names_the_guest_that_fails),
		TEST(an_answer_without_sense_is_an_error),
		TEST(finds_an_interface_by_its_mac),
		TEST(reads_what_was_heard),
		TEST(asks_as_the_agent_understands),
		TEST(waits_for_an_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
