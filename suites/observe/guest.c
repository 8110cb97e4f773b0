/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "guest/client.h"

#define GUESTS "run/vfcert-guests"
#define SOCKET ".agent"

enum { ANSWER_MS = 2000, POLL_MS = 50 };

struct guest {
	const struct dut *dut;
	char *name;
	struct guest_client *client;
};

bool guests_exist(const struct host *host)
{
	return host_exists(host, GUESTS "/disk");
}

int guest_names(const struct host *host, char ***names, size_t *count, struct err *err)
{
	size_t kept = 0;
	int rc = host_names(host, GUESTS, names, count, err);

	for (size_t i = 0; !rc && i < *count; i++) {
		char *name = (*names)[i];
		size_t length = strlen(name);

		if (length > strlen(SOCKET) && !strcmp(name + length - strlen(SOCKET), SOCKET)) {
			name[length - strlen(SOCKET)] = '\0';
			(*names)[kept++] = name;
		} else {
			free(name);
		}
	}
	if (!rc)
		*count = kept;
	return rc;
}

int guest_open_at(const struct dut *dut, const char *name, const char *path, struct guest **guest,
		struct err *err)
{
	struct guest_client *client;
	int rc = guest_client_open(path, &client, err);

	if (rc < 0)
		return rc;
	*guest = calloc(1, sizeof(**guest));
	if (!*guest)
		abort();
	**guest = (struct guest){ dut, text_format("%s", name), client };
	return 0;
}

int guest_open(const struct dut *dut, const char *name, struct guest **guest, struct err *err)
{
	CLEANUP(cleanup_free) char *relative = text_format(GUESTS "/%s" SOCKET, name);
	CLEANUP(cleanup_free) char *path = host_path(dut->host, relative);

	if (!host_is_live(dut->host))
		return err_set(err, EOPNOTSUPP, "a recorded tree has no guests");
	return guest_open_at(dut, name, path, guest, err);
}

void guest_close(struct guest *guest)
{
	if (!guest)
		return;
	guest_client_close(guest->client);
	free(guest->name);
	free(guest);
}

void cleanup_guest(struct guest **guest)
{
	guest_close(*guest);
}

const char *guest_name(const struct guest *guest)
{
	return guest->name;
}

static struct record *request_of(const char *op)
{
	struct record *request = record_object();

	record_put_str(request, "op", op);
	return request;
}

static int is_lost(struct err *err)
{
	return err_set(err, EPIPE, "the guest did not come back earlier");
}

/* REQUEST is taken. ANSWER may be NULL. */
static int ask_in(struct guest *guest, struct record *request, int ms, struct record **answer,
		struct err *err)
{
	struct err cause = { 0 };
	int rc;

	if (!guest) {
		record_free(request);
		return is_lost(err);
	}
	rc = guest_client_ask(guest->client, request, dut_deadline(guest->dut, ms), answer, &cause);
	return rc < 0 ? err_pass(err, &cause, "%s: %s", guest->name, cause.msg) : 0;
}

static int ask(struct guest *guest, struct record *request, struct record **answer, struct err *err)
{
	return ask_in(guest, request, ANSWER_MS, answer, err);
}

static int read_kernel(struct guest *guest, int ms, char *release, size_t size, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask_in(guest, request_of("hello"), ms, &answer, err);

	if (!rc)
		snprintf(release, size, "%s", record_str(answer, "kernel", ""));
	return rc;
}

int guest_kernel(struct guest *guest, char *release, size_t size, struct err *err)
{
	return read_kernel(guest, ANSWER_MS, release, size, err);
}

int guest_await(const struct dut *dut, const char *name, int ms, struct guest **guest,
		struct err *err)
{
	CLEANUP(cleanup_guest) struct guest *fresh = NULL;
	char release[8];
	int rc = guest_open(dut, name, &fresh, err);

	if (!rc)
		rc = read_kernel(fresh, ms, release, sizeof(release), err);
	if (!rc)
		*guest = TAKE(fresh);
	return rc;
}

static void copy_text(const struct record *record, const char *key, char *text, size_t size)
{
	snprintf(text, size, "%s", record_str(record, key, ""));
}

static void copy_mac(const struct record *record, const char *key, struct mac *mac)
{
	if (mac_parse(record_str(record, key, ""), mac) < 0)
		*mac = (struct mac){ 0 };
}

static void read_interface(const struct record *record, struct guest_interface *interface)
{
	static const char *const roles[] = { [FAILOVER_NONE] = "",
		[FAILOVER_MASTER] = "master",
		[FAILOVER_PRIMARY] = "primary",
		[FAILOVER_STANDBY] = "standby" };
	const char *role = record_str(record, "failover", "");

	*interface = (struct guest_interface){ .up = record_bool(record, "up", false),
		.carrier = record_bool(record, "carrier", false),
		.mtu = (unsigned)record_int(record, "mtu", 0),
		.rx_packets = record_int(record, "rx_packets", 0),
		.tx_packets = record_int(record, "tx_packets", 0) };
	copy_text(record, "name", interface->name, sizeof(interface->name));
	copy_text(record, "master", interface->master, sizeof(interface->master));
	copy_text(record, "driver", interface->driver, sizeof(interface->driver));
	copy_text(record, "address", interface->address, sizeof(interface->address));
	copy_mac(record, "mac", &interface->mac);
	copy_mac(record, "permanent_mac", &interface->permanent);
	for (unsigned i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		if (!strcmp(roles[i], role))
			interface->failover = i;
	}
}

int guest_interfaces(struct guest *guest, struct guest_interface list[GUEST_INTERFACES],
		size_t *count, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	const struct record *found;
	int rc = ask(guest, request_of("interfaces"), &answer, err);

	*count = 0;
	if (rc < 0)
		return rc;
	found = record_get(answer, "interfaces");
	while (*count < GUEST_INTERFACES && *count < record_length(found)) {
		read_interface(record_at(found, *count), &list[*count]);
		++*count;
	}
	return 0;
}

int guest_find_mac(struct guest *guest, struct mac mac, struct guest_interface *interface,
		struct err *err)
{
	struct guest_interface list[GUEST_INTERFACES];
	char text[MAC_TEXT];
	size_t count;
	int rc = guest_interfaces(guest, list, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		if (mac_equal(list[i].mac, mac) && list[i].failover != FAILOVER_MASTER) {
			*interface = list[i];
			return 0;
		}
	}
	return rc ? rc
		  : err_set(err, ENOENT, "%s has no interface with the MAC %s", guest->name,
				    mac_format(mac, text));
}

struct mac_wait {
	struct guest *guest;
	struct mac mac;
	bool present;
	struct guest_interface *interface;
	struct err err;
	int rc;
};

/* An error ends the wait. */
static bool mac_is_as_wanted(void *argument)
{
	struct mac_wait *wait = argument;

	wait->err = (struct err){ 0 };
	wait->rc = guest_find_mac(wait->guest, wait->mac, wait->interface, &wait->err);
	return wait->rc == -ENOENT ? !wait->present : wait->rc < 0 || wait->present;
}

int guest_await_mac(struct guest *guest, struct mac mac, bool present, int ms,
		struct guest_interface *interface, struct err *err)
{
	struct guest_interface unused;
	struct mac_wait wait = { guest, mac, present, interface ? interface : &unused, { 0 }, 0 };
	char text[MAC_TEXT];

	if (!guest)
		return is_lost(err);
	if (!clock_poll(mac_is_as_wanted, &wait, dut_deadline(guest->dut, ms), POLL_MS))
		return err_set(err, ETIMEDOUT, "%s %s an interface with the MAC %s after %d ms",
				guest->name, present ? "does not get" : "still has",
				mac_format(mac, text), ms);
	if (wait.rc < 0 && (present || wait.rc != -ENOENT))
		return err_pass(err, &wait.err, "%s", wait.err.msg);
	return 0;
}

static struct record *request_on(const char *op, const char *interface)
{
	struct record *request = request_of(op);

	record_put_str(request, "interface", interface);
	return request;
}

static void put_mac(struct record *request, const char *key, struct mac mac)
{
	char text[MAC_TEXT];

	record_put_str(request, key, mac_format(mac, text));
}

static void put_mark(struct record *request, uint64_t mark)
{
	record_put_strf(request, "mark", "0x%llx", (unsigned long long)mark);
}

int guest_set_up(struct guest *guest, const char *interface, bool up, struct err *err)
{
	struct record *request = request_on("set", interface);

	record_put_bool(request, "up", up);
	return ask(guest, request, NULL, err);
}

int guest_set_mtu(struct guest *guest, const char *interface, unsigned mtu, struct err *err)
{
	struct record *request = request_on("set", interface);

	record_put_int(request, "mtu", mtu);
	return ask(guest, request, NULL, err);
}

int guest_set_mac(struct guest *guest, const char *interface, struct mac mac, struct err *err)
{
	struct record *request = request_on("set", interface);

	put_mac(request, "mac", mac);
	return ask(guest, request, NULL, err);
}

int guest_set_address(
		struct guest *guest, const char *interface, const char *address, struct err *err)
{
	struct record *request = request_on("set", interface);

	record_put_str(request, "address", address);
	return ask(guest, request, NULL, err);
}

int guest_add_vlan(struct guest *guest, const char *interface, unsigned vlan, struct err *err)
{
	struct record *request = request_on("add-vlan", interface);

	record_put_int(request, "vlan", vlan);
	return ask(guest, request, NULL, err);
}

static struct record *send_request(const char *interface, const struct guest_frames *frames)
{
	struct record *request = request_on("send", interface);

	put_mac(request, "to", frames->to);
	if (!mac_is_zero(frames->from))
		put_mac(request, "from", frames->from);
	put_mark(request, frames->mark);
	record_put_int(request, "frames", frames->frames);
	if (frames->octets)
		record_put_int(request, "octets", frames->octets);
	if (frames->vlan)
		record_put_int(request, "vlan", frames->vlan);
	return request;
}

int guest_send(struct guest *guest, const char *interface, const struct guest_frames *frames,
		struct err *err)
{
	return ask(guest, send_request(interface, frames), NULL, err);
}

/* Starts a job. */
static int start(struct guest *guest, struct record *request, unsigned *job, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask(guest, request, &answer, err);

	if (!rc)
		*job = (unsigned)record_int(answer, "job", 0);
	return rc;
}

int guest_stream(struct guest *guest, const char *interface, const struct guest_frames *frames,
		unsigned *job, struct err *err)
{
	struct record *request = send_request(interface, frames);

	record_put_int(request, "every_us", frames->every_us);
	return start(guest, request, job, err);
}

static int start_listening(struct guest *guest, const char *op, const char *interface,
		uint64_t mark, unsigned *job, struct err *err)
{
	struct record *request = request_on(op, interface);

	put_mark(request, mark);
	return start(guest, request, job, err);
}

int guest_listen(struct guest *guest, const char *interface, uint64_t mark, unsigned *job,
		struct err *err)
{
	return start_listening(guest, "listen", interface, mark, job, err);
}

int guest_reflect(struct guest *guest, const char *interface, uint64_t mark, unsigned *job,
		struct err *err)
{
	return start_listening(guest, "reflect", interface, mark, job, err);
}

static int ask_job(struct guest *guest, const char *op, unsigned job, struct record **answer,
		struct err *err)
{
	struct record *request = request_of(op);

	record_put_int(request, "job", job);
	return ask(guest, request, answer, err);
}

int guest_stop(struct guest *guest, unsigned job, struct err *err)
{
	return ask_job(guest, "stop", job, NULL, err);
}

static void read_tags(const struct record *list, struct guest_heard *heard)
{
	heard->vlan = GUEST_UNTAGGED;
	for (size_t i = 0; i < record_length(list); i++) {
		const struct record *item = record_at(list, i);

		if (!record_is_number(record_get(item, "vlan")))
			heard->untagged = (uint64_t)record_int(item, "frames", 0);
		else if (heard->vlan == GUEST_UNTAGGED)
			heard->vlan = (int)record_int(item, "vlan", 0);
	}
}

int guest_heard(struct guest *guest, unsigned job, struct guest_heard *heard, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask_job(guest, "heard", job, &answer, err);
	const struct record *sources = record_get(answer, "sources");

	if (rc < 0)
		return rc;
	*heard = (struct guest_heard){ .frames = (uint64_t)record_int(answer, "frames", 0),
		.reflected = (uint64_t)record_int(answer, "reflected", 0),
		.lowest = (uint32_t)record_int(answer, "lowest", 0),
		.highest = (uint32_t)record_int(answer, "highest", 0),
		.missing = (uint64_t)record_int(answer, "missing", 0),
		.longest_gap_ms = record_real(answer, "longest_gap_ms", 0),
		.silent_ms = record_real(answer, "silent_ms", 0) };
	read_tags(record_get(answer, "vlans"), heard);
	while (heard->source_count < GUEST_SOURCES &&
			heard->source_count < record_length(sources)) {
		copy_mac(record_at(sources, heard->source_count), "mac",
				&heard->sources[heard->source_count]);
		heard->source_count++;
	}
	return 0;
}

int guest_sent(struct guest *guest, unsigned job, struct guest_sent *sent, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask_job(guest, "sent", job, &answer, err);

	if (!rc)
		*sent = (struct guest_sent){ (uint64_t)record_int(answer, "sent", 0),
			(uint64_t)record_int(answer, "refused", 0),
			record_bool(answer, "done", false) };
	return rc;
}

static int ask_module(struct guest *guest, const char *op, const char *module, struct err *err)
{
	struct record *request = request_of(op);

	record_put_str(request, "module", module);
	return ask(guest, request, NULL, err);
}

int guest_load(struct guest *guest, const char *module, struct err *err)
{
	return ask_module(guest, "load", module, err);
}

int guest_unload(struct guest *guest, const char *module, struct err *err)
{
	return ask_module(guest, "unload", module, err);
}

int guest_end(struct guest *guest, const char *how, struct err *err)
{
	return ask(guest, request_of(how), NULL, err);
}
