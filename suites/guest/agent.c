/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/agent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/interfaces.h"
#include "guest/job.h"
#include "guest/port.h"
#include "guest/request.h"
#include "guest/system.h"

/* One loop serves the port, the jobs and the shell. It wakes up by itself only for jobs that send. */

#define PORT_NAME "vfcert.guest"

enum { PORT_MS = 30000, IDLE_MS = 5000 };

static int do_hello(const struct request *request, struct record *answer, struct err *err)
{
	struct utsname name;

	(void)request;
	if (uname(&name) < 0)
		return err_sys(err, "cannot ask for the kernel's release");
	record_put_str(answer, "kernel", name.release);
	record_put_str(answer, "version", PROJECT_VERSION);
	return 0;
}

static int do_interfaces(const struct request *request, struct record *answer, struct err *err)
{
	(void)request;
	(void)err;
	record_put(answer, "interfaces", interfaces_list());
	return 0;
}

static int do_set(const struct request *request, struct record *answer, struct err *err)
{
	(void)answer;
	return interface_set(request, err);
}

static int do_add_vlan(const struct request *request, struct record *answer, struct err *err)
{
	struct err unused = { 0 };

	(void)answer;
	module_load("8021q", &unused); /* a kernel may have it built in */
	return interface_add_vlan(request, err);
}

static int put_job(struct record *answer, unsigned job, int rc)
{
	if (!rc)
		record_put_int(answer, "job", job);
	return rc;
}

static int do_send(const struct request *request, struct record *answer, struct err *err)
{
	unsigned number = 0;
	int rc;

	if (request->given & HAS_EVERY) {
		rc = job_send(request, &number, err);
		return put_job(answer, number, rc);
	}
	rc = frames_send(request, &number, err);
	record_put_int(answer, "sent", number);
	return rc;
}

static int do_listen(const struct request *request, struct record *answer, struct err *err)
{
	unsigned job = 0;
	int rc = job_listen(request, &job, err);

	return put_job(answer, job, rc);
}

static int do_heard(const struct request *request, struct record *answer, struct err *err)
{
	return job_heard(request->job, answer, err);
}

static int do_sent(const struct request *request, struct record *answer, struct err *err)
{
	return job_sent(request->job, answer, err);
}

static int do_stop(const struct request *request, struct record *answer, struct err *err)
{
	(void)answer;
	return job_stop(request->job, err);
}

static int do_load(const struct request *request, struct record *answer, struct err *err)
{
	(void)answer;
	return module_load(request->module, err);
}

static int do_unload(const struct request *request, struct record *answer, struct err *err)
{
	(void)answer;
	return module_unload(request->module, err);
}

/* Those without a function end the kernel, after they are answered. */
static int (*const functions[OPS])(
		const struct request *request, struct record *answer, struct err *err) = {
	[OP_HELLO] = do_hello,
	[OP_INTERFACES] = do_interfaces,
	[OP_SET] = do_set,
	[OP_ADD_VLAN] = do_add_vlan,
	[OP_SEND] = do_send,
	[OP_LISTEN] = do_listen,
	[OP_REFLECT] = do_listen,
	[OP_HEARD] = do_heard,
	[OP_SENT] = do_sent,
	[OP_STOP] = do_stop,
	[OP_LOAD] = do_load,
	[OP_UNLOAD] = do_unload,
};

static struct record *answer_to(const struct request *request, int rc, struct err *err)
{
	struct record *answer = record_object();

	record_put_int(answer, "id", request->id);
	if (!rc && functions[request->op])
		rc = functions[request->op](request, answer, err);
	record_put_bool(answer, "ok", !rc);
	if (rc < 0)
		record_put_str(answer, "error", err->msg);
	return answer;
}

static void send_record(struct port *port, const struct record *record)
{
	CLEANUP(cleanup_free) char *text = record_print(record);

	port_send(port, text);
}

static void serve_line(struct port *port, const char *line, size_t length)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct request request;
	struct err err = { 0 };
	int rc = request_parse(line, length, &request, &err);

	answer = answer_to(&request, rc, &err);
	send_record(port, answer);
	if (rc < 0 || functions[request.op])
		return;
	system_end(request.op, &err);
	fprintf(stderr, "vfguest: %s\n", err.msg);
}

static void greet(struct port *port)
{
	CLEANUP(cleanup_record) struct record *event = record_object();
	struct utsname name = { .release = "" };

	uname(&name);
	record_put_str(event, "event", "ready");
	record_put_str(event, "kernel", name.release);
	send_record(port, event);
}

static void refuse_length(struct port *port)
{
	CLEANUP(cleanup_record) struct record *event = record_object();

	record_put_str(event, "event", "error");
	record_put_strf(event, "message", "a request of more than %d bytes", REQUEST_LIMIT);
	send_record(port, event);
}

static void serve_port(struct port *port)
{
	size_t length;
	char *line;
	int rc;

	if (port_connects(port))
		greet(port);
	while (port->connected && (rc = port_next(port, &line, &length)) != -ETIMEDOUT) {
		if (rc == -EMSGSIZE)
			refuse_length(port);
		else if (!rc)
			serve_line(port, line, length);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void drain(int signals)
{
	struct signalfd_siginfo info[8];

	while (read(signals, info, sizeof(info)) > 0)
		;
}

void agent_run(void)
{
	struct port port = { .fd = -1 };
	struct err err = { 0 };
	int signals;

	system_start();
	signals = open_signals();
	if (port_open(PORT_NAME, deadline_in(PORT_MS), &port, &err) < 0) {
		fprintf(stderr, "vfguest: %s\n", err.msg);
		reboot(RB_POWER_OFF);
	}
	fprintf(stderr, "vfguest: ready; press Enter for a shell\n");
	for (;;) {
		struct pollfd polled[JOBS + 3];
		int timeout_ms = IDLE_MS;

		system_keep_shell();
		serve_port(&port);
		jobs_poll(polled, &timeout_ms);
		polled[JOBS] = port_polled(&port);
		polled[JOBS + 1] = (struct pollfd){ .fd = signals, .events = POLLIN };
		polled[JOBS + 2] = system_polled();
		poll(polled, JOBS + 3, timeout_ms);
		drain(signals);
		jobs_run();
	}
}
