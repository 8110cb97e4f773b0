/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/job.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "guest/interfaces.h"
#include "guest/tally.h"

/*
 * Sockets do not block: a job that cannot send counts the frame as refused. One round of the loop receives
 * and sends a limited number of frames of each job, so that none keeps requests waiting.
 */

enum {
	ROOM = 1 << 20,       /* of a socket buffer */
	BATCH = 64,           /* frames of a job per round */
	BURST_WAIT_MS = 1000, /* for room in the queue of the interface */
	DEFAULT_OCTETS = 64,
};

static struct job {
	unsigned number; /* 0: free */
	enum request_op op;
	int socket;
	struct mac own;
	struct request request;
	struct tally tally;
	uint64_t sent, refused;
	int64_t next_us; /* when it must send */
	int error;       /* the last errno of its socket */
} jobs[JOBS];

static unsigned last_number;

static int open_packets(
		const struct request *request, bool receives, struct mac *own, struct err *err)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		.sll_protocol = receives ? htons(ETH_P_ALL) : 0 };
	CLEANUP(cleanup_fd)
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int room = ROOM, on = 1, rc;

	if (fd < 0)
		return err_sys(err, "cannot open a packet socket");
	rc = interface_find(request->interface, &address.sll_ifindex, own, err);
	if (rc < 0)
		return rc;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
			setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
			bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, "cannot use a packet socket on %s", request->interface);
	return TAKE_FD(fd);
}

static struct job *find_job(unsigned number)
{
	for (size_t i = 0; i < JOBS; i++) {
		if (jobs[i].number == number)
			return &jobs[i];
	}
	return NULL;
}

static int add_job(const struct request *request, unsigned *number, struct err *err)
{
	struct job *job = find_job(0);
	struct mac own;
	int fd;

	if (!job)
		return err_set(err, EBUSY, "%d jobs run already: stop one", JOBS);
	fd = open_packets(request, request->op != OP_SEND, &own, err);
	if (fd < 0)
		return fd;
	*job = (struct job){ .number = ++last_number,
		.op = request->op,
		.socket = fd,
		.own = own,
		.request = *request,
		.next_us = clock_us() };
	*number = job->number;
	return 0;
}

int job_listen(const struct request *request, unsigned *job, struct err *err)
{
	return add_job(request, job, err);
}

int job_send(const struct request *request, unsigned *job, struct err *err)
{
	return add_job(request, job, err);
}

static size_t octets_of(const struct request *request)
{
	return request->octets ? request->octets : DEFAULT_OCTETS;
}

static void build(const struct request *request, struct mac own, uint32_t sequence, uint8_t *octets)
{
	struct frame frame = { .to = request->to,
		.from = request->given & HAS_FROM ? request->from : own,
		.vlan = request->given & HAS_VLAN ? (int)request->vlan : FRAME_UNTAGGED,
		.priority = request->priority,
		.mark = request->mark,
		.sequence = sequence };

	frame_build(&frame, octets, octets_of(request));
}

int frames_send(const struct request *request, unsigned *sent, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	uint8_t octets[FRAME_OCTETS_MAX];
	struct mac own;

	*sent = 0;
	fd = open_packets(request, false, &own, err);
	if (fd < 0)
		return fd;
	while (*sent < request->frames) {
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		build(request, own, *sent, octets);
		if (send(fd, octets, octets_of(request), 0) >= 0)
			++*sent;
		else if ((errno != EAGAIN && errno != ENOBUFS) ||
				poll(&room, 1, BURST_WAIT_MS) <= 0)
			return err_sys(err, "%s took %u frames of %u", request->interface, *sent,
					request->frames);
	}
	return 0;
}

/* A frame that is late is sent at once, and the pace continues from there. */
static void run_send(struct job *job)
{
	uint8_t octets[FRAME_OCTETS_MAX];

	for (unsigned i = 0; i < BATCH; i++) {
		int64_t now_us = clock_us();

		if (job->sent + job->refused >= job->request.frames || now_us < job->next_us)
			return;
		build(&job->request, job->own, (uint32_t)(job->sent + job->refused), octets);
		if (send(job->socket, octets, octets_of(&job->request), 0) >= 0) {
			job->sent++;
		} else {
			job->refused++;
			job->error = errno;
		}
		job->next_us += job->request.every_us;
		if (job->next_us < now_us)
			job->next_us = now_us + job->request.every_us;
	}
}

static int tci_beside(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata data;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&data, CMSG_DATA(c), sizeof(data));
		return data.tp_status & TP_STATUS_VLAN_VALID ? data.tp_vlan_tci : FRAME_UNTAGGED;
	}
	return FRAME_UNTAGGED;
}

/* The frame goes back as it came, from this interface. */
static void reflect(struct job *job, const struct frame *frame, size_t length)
{
	struct frame back = *frame;
	uint8_t octets[FRAME_OCTETS_MAX];

	back.to = frame->from;
	back.from = job->own;
	if (length < FRAME_OCTETS_MIN)
		length = FRAME_OCTETS_MIN;
	frame_build(&back, octets, length);
	if (send(job->socket, octets, length, 0) >= 0)
		job->sent++;
	else
		job->refused++;
}

/* False: there is nothing to receive. */
static bool receive(struct job *job)
{
	uint8_t octets[FRAME_OCTETS_MAX];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec data = { octets, sizeof(octets) };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(job->socket, &message, 0);
	struct frame frame;

	if (length < 0 && errno != EAGAIN)
		job->error = errno; /* ENETDOWN: the interface is down or gone */
	if (length < 0)
		return false;
	if (!frame_parse(octets, (size_t)length, tci_beside(&message), &frame) ||
			frame.mark != job->request.mark)
		return true;
	tally_add(&job->tally, &frame, clock_us());
	if (job->op == OP_REFLECT)
		reflect(job, &frame, (size_t)length);
	return true;
}

void jobs_poll(struct pollfd polled[JOBS], int *timeout_ms)
{
	for (size_t i = 0; i < JOBS; i++) {
		struct job *job = &jobs[i];
		int64_t wait_ms = (job->next_us - clock_us() + 999) / 1000;

		polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
		if (job->number && job->op != OP_SEND)
			polled[i].fd = job->socket;
		else if (job->number && job->sent + job->refused < job->request.frames &&
				wait_ms < *timeout_ms)
			*timeout_ms = wait_ms > 0 ? (int)wait_ms : 0;
	}
}

void jobs_run(void)
{
	for (size_t i = 0; i < JOBS; i++) {
		if (!jobs[i].number)
			continue;
		if (jobs[i].op == OP_SEND)
			run_send(&jobs[i]);
		else
			for (unsigned k = 0; k < BATCH && receive(&jobs[i]); k++)
				;
	}
}

static int demand_job(unsigned number, bool sends, struct job **job, struct err *err)
{
	*job = number ? find_job(number) : NULL;
	if (!*job)
		return err_set(err, ENOENT, "there is no job %u", number);
	if (((*job)->op == OP_SEND) != sends)
		return err_set(err, EINVAL, "job %u does not %s", number,
				sends ? "send" : "listen");
	return 0;
}

int job_heard(unsigned number, struct record *answer, struct err *err)
{
	struct job *job;
	int rc = demand_job(number, false, &job, err);

	if (rc < 0)
		return rc;
	jobs_run();
	tally_report(&job->tally, clock_us(), answer);
	if (job->op == OP_REFLECT)
		record_put_int(answer, "reflected", (int64_t)job->sent);
	record_put_str(answer, "trouble", job->error ? strerror(job->error) : NULL);
	return 0;
}

int job_sent(unsigned number, struct record *answer, struct err *err)
{
	struct job *job;
	int rc = demand_job(number, true, &job, err);

	if (rc < 0)
		return rc;
	record_put_int(answer, "sent", (int64_t)job->sent);
	record_put_int(answer, "refused", (int64_t)job->refused);
	record_put_bool(answer, "done", job->sent + job->refused >= job->request.frames);
	record_put_str(answer, "trouble", job->error ? strerror(job->error) : NULL);
	return 0;
}

int job_stop(unsigned number, struct err *err)
{
	struct job *job = number ? find_job(number) : NULL;

	if (!job)
		return err_set(err, ENOENT, "there is no job %u", number);
	close(job->socket);
	*job = (struct job){ .number = 0 };
	return 0;
}
