/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "guest/agent.h"
#include "guest/client.h"

/* The first program of a guest; on its host, a client of the guest's agent for scripts and people. */

enum { EXIT_ANSWERED, EXIT_REFUSED, EXIT_USED_WRONG, EXIT_SILENT };

struct question {
	const char *path, *text;
	struct deadline deadline;
	struct record *answer;
	struct err err;
	int rc;
};

static int ask_once(struct question *question)
{
	CLEANUP(cleanup_guest_client) struct guest_client *client = NULL;
	struct record *request = NULL;
	int rc;

	question->err = (struct err){ 0 };
	rc = record_parse("the request", question->text, strlen(question->text), &request,
			&question->err);
	if (!rc && record_type(request) != RECORD_OBJECT)
		rc = err_set(&question->err, EINVAL, "a request is an object");
	if (!rc)
		rc = guest_client_open(question->path, &client, &question->err);
	if (rc < 0) {
		record_free(request);
		return rc;
	}
	return guest_client_ask(
			client, request, question->deadline, &question->answer, &question->err);
}

/* A guest that just starts has no socket yet, or nobody at its other end. */
static bool is_answered(void *argument)
{
	struct question *question = argument;

	question->rc = ask_once(question);
	return question->rc != -ENOENT && question->rc != -ECONNREFUSED && question->rc != -EPIPE;
}

static int ask(const char *path, const char *text, const char *seconds)
{
	struct question question = { .path = path, .text = text };
	CLEANUP(cleanup_free) char *printed = NULL;
	uint64_t time_s;

	if (number_parse(seconds, 1, 3600, &time_s) < 0) {
		fprintf(stderr, "vfguest: no number of seconds: %s\n", seconds);
		return EXIT_USED_WRONG;
	}
	question.deadline = deadline_in((int64_t)time_s * 1000);
	clock_poll(is_answered, &question, question.deadline, 100);
	if (question.rc < 0) {
		fprintf(stderr, "vfguest: %s\n", question.err.msg);
		return question.rc == -EREMOTEIO ? EXIT_REFUSED : EXIT_SILENT;
	}
	printed = record_print(question.answer);
	puts(printed);
	record_free(question.answer);
	return EXIT_ANSWERED;
}

/* Runs a daemon and adopts what it leaves behind. libvirt waits until the process of a virtual machine is gone,
 * and the first program of the host, a shell, reaps no zombies while it reads. */
static int reap(char **command)
{
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (!pid) {
		execvp(*command, command);
		fprintf(stderr, "vfguest: cannot run %s: %s\n", *command, strerror(errno));
		_exit(EXIT_USED_WRONG);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return EXIT_ANSWERED;
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		agent_run();
	if (argc >= 4 && argc <= 5 && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], argc == 5 ? argv[4] : "10");
	if (argc >= 3 && !strcmp(argv[1], "reap"))
		return reap(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("vfguest %s\n", PROJECT_VERSION);
		return EXIT_ANSWERED;
	}
	fprintf(stderr,
			"vfguest is the first program of a guest; vfcert starts it.\n\n"
			"Usage: vfguest ask SOCKET REQUEST [SECONDS]\n"
			"       vfguest reap COMMAND...\n"
			"       vfguest --version\n"
			"On a guest's host the first sends a request to the guest: "
			"'{\"op\":\"interfaces\"}'.\n"
			"The second runs a daemon, and waits for all that descends from it.\n");
	return argc == 2 && !strcmp(argv[1], "--help") ? EXIT_ANSWERED : EXIT_USED_WRONG;
}
