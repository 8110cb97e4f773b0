/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "sriov/refusal.h"

enum { WORDS_MOST = 40, CLOSE_MS = 60000, GRACE_MS = 2000 };

/* It becomes a word of ssh and a part of a URI. */
static bool is_host(const char *host)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._:@[]";

	return *host && *host != '-' && strlen(host) < 256 && !host[strspn(host, characters)];
}

static int start(const char *const *argv, struct peer *peer, struct err *err)
{
	int in[2], out[2], rc;

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_sys(err, "cannot make a pipe");
	if (pipe2(out, O_CLOEXEC) < 0) {
		rc = err_sys(err, "cannot make a pipe");
		close(in[0]);
		close(in[1]);
		return rc;
	}
	peer->said = memfd_create("said", MFD_CLOEXEC);
	rc = process_start(argv, (struct process_streams){ in[0], out[1], peer->said, true },
			&peer->process, err);
	close(in[0]);
	close(out[1]);
	peer->to = in[1];
	peer->from = LINES_OF(out[0], PEER_LINE_MOST);
	/* Where it does not read, a few requests fit into the pipe, and the next one fails. */
	if (!rc &&
			(fcntl(out[0], F_SETFL, O_NONBLOCK) < 0 ||
					fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 ||
					fcntl(in[1], F_SETPIPE_SZ, 4 * PEER_LINE_MOST) < 0))
		rc = err_sys(err, "cannot set up a pipe");
	return rc;
}

int peer_open(const char *const *ssh, const char *host, struct peer *peer, struct err *err)
{
	static const char *const remote[] = { "vfctl", "vm", "receive", NULL };
	const char *argv[WORDS_MOST + 8];
	size_t count = 0;

	*peer = PEER_NONE;
	if (!is_host(host))
		return err_set(err, EINVAL, "'%.100s' is no name of a host", host);
	snprintf(peer->host, sizeof(peer->host), "%s", host);
	for (; ssh[count]; count++) {
		if (count == WORDS_MOST)
			return err_set(err, EINVAL, "--ssh has more than %d words", WORDS_MOST);
		argv[count] = ssh[count];
	}
	argv[count++] = host;
	for (size_t i = 0; i <= 3; i++)
		argv[count++] = remote[i];
	return start(argv, peer, err);
}

static int send_request(struct peer *peer, const struct peer_ask *ask, struct err *err)
{
	CLEANUP(cleanup_record)
	struct record *request = ask->more ? ask->more : record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	int rc;

	record_put_int(request, "version", PEER_VERSION);
	record_put_int(request, "id", ++peer->id);
	record_put_str(request, "do", ask->verb);
	text = record_print(request);
	if (peer->to < 0 || strlen(text) >= PEER_LINE_MOST)
		return err_set(err, EMSGSIZE, "there is too much to tell");
	rc = file_write_all(peer->to, text, strlen(text));
	if (!rc)
		rc = file_write_all(peer->to, "\n", 1);
	return rc ? err_set(err, ECONNRESET, "its vfctl has ended (is vfctl installed there?)") : 0;
}

static int receive_line(struct peer *peer, const struct peer_ask *ask, char **line, size_t *length,
		struct err *err)
{
	int rc;

	peer->from.despite_signals = ask->despite_signals;
	rc = lines_next(&peer->from, deadline_in(ask->limit_ms), line, length, err);
	switch (rc) {
	case -EINTR:
		return err_set(err, ECANCELED, "it was cancelled");
	case -EPIPE:
		return err_set(err, ECONNRESET,
				"the session ended (is vfctl installed there, and may you use it?)");
	case -ETIMEDOUT:
		return err_set(err, ETIMEDOUT, "no answer for %d s", ask->limit_ms / 1000);
	}
	return rc;
}

/* The plan and the reservation say the same. */
static bool is_known(
		const struct peer *peer, const struct diagnostics *diagnostics, const char *text)
{
	CLEANUP(cleanup_free) char *line = text_format("%s: %.400s", peer->host, text);

	for (size_t i = 0; i < diagnostics->count; i++) {
		if (!strcmp(diagnostics->lines[i], line))
			return true;
	}
	return false;
}

/* The next line of standard error that is complete, for the caller to free, or NULL. */
static char *next_line(struct peer *peer)
{
	char text[512];
	ssize_t got = peer->said < 0
			? 0
			: pread(peer->said, text, sizeof(text) - 1, (off_t)peer->heard);
	char *end = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;

	if (!end && got < (ssize_t)sizeof(text) - 1)
		return NULL;
	end = end ? end : text + got - 1;
	*end = '\0';
	peer->heard += (size_t)(end - text) + 1;
	text[strcspn(text, "\r")] = '\0';
	return text_format("%s", text);
}

static const char *without(const char *line, const char *prefix)
{
	return strncmp(line, prefix, strlen(prefix)) ? line : line + strlen(prefix);
}

/* What was said on standard error: the last line, for the caller to free, or NULL. Those before are
 * notes. */
static char *take_words(struct peer *peer, struct diagnostics *notes)
{
	char *line, *last = NULL;

	while ((line = next_line(peer))) {
		if (last)
			diagnostic_add(notes, "%s: %.400s", peer->host, without(last, "note: "));
		free(last);
		last = line;
	}
	return last;
}

static void take_notes(const struct peer *peer, const struct record *notes,
		struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < record_length(notes) && i < PEER_NOTES_MOST; i++) {
		const char *text = record_text(record_at(notes, i));

		if (text && !is_known(peer, diagnostics, text))
			diagnostic_add(diagnostics, "%s: %.400s", peer->host, text);
	}
}

static int refused(const struct record *answer, struct err *err)
{
	const char *message = record_str(answer, "message", "no reason given");
	int refusal = refusal_find(record_str(answer, "refusal", ""));

	if (refusal >= 0)
		return refuse(err, (enum refusal)refusal, "%.350s", message);
	return err_set(err, EREMOTEIO, "%.350s", message);
}

static int ask_it(struct peer *peer, const struct peer_ask *ask, struct record **answer,
		struct diagnostics *notes, struct err *err)
{
	CLEANUP(cleanup_record) struct record *heard = NULL;
	struct err cause = { 0 };
	size_t length;
	char *line;
	int rc = send_request(peer, ask, err);

	if (!rc)
		rc = receive_line(peer, ask, &line, &length, err);
	if (rc < 0)
		return rc;
	if (record_parse("its answer", line, length, &heard, &cause) < 0)
		return err_set(err, EPROTO, "%s", cause.msg);
	if (record_int(heard, "version", 0) != PEER_VERSION ||
			record_int(heard, "id", 0) != peer->id ||
			record_type(record_get(heard, "ok")) != RECORD_BOOL)
		return err_set(err, EPROTO,
				"its answer is none to this request (vfctl of another version?)");
	take_notes(peer, record_get(heard, "notes"), notes);
	if (!record_bool(heard, "ok", false))
		return refused(heard, err);
	*answer = TAKE(heard);
	return 0;
}

static void end_session(struct peer *peer)
{
	cleanup_fd(&peer->to);
	peer->to = -1;
	if (peer->process.pid && process_wait(&peer->process, deadline_in(CLOSE_MS), NULL) < 0)
		process_end(&peer->process, GRACE_MS);
	cleanup_fd(&peer->from.fd);
	lines_free(&peer->from);
	peer->from.fd = -1;
}

int peer_ask(struct peer *peer, const struct peer_ask *ask, struct record **answer,
		struct diagnostics *notes, struct err *err)
{
	struct err cause = { 0 };
	int rc = ask_it(peer, ask, answer, notes, &cause);
	CLEANUP(cleanup_free) char *words = NULL;
	struct err *out = err;

	if (rc < 0 && rc != -EREMOTEIO && !cause.refusal)
		end_session(peer);
	words = take_words(peer, notes);
	if (!rc && words)
		diagnostic_add(notes, "%s: %.400s", peer->host, without(words, "note: "));
	if (!rc)
		return 0;
	if (rc == -ECONNRESET && words && *words) {
		cause = (struct err){ 0 };
		err_set(&cause, ECONNRESET, "%.350s", without(words, "vfctl vm receive: "));
	}
	err_pass(err, &cause, "%s: %s", peer->host, cause.msg);
	if (out && cause.refusal)
		out->refusal = cause.refusal;
	return rc;
}

void peer_close(struct peer *peer)
{
	end_session(peer);
	cleanup_fd(&peer->said);
	peer->said = -1;
}
