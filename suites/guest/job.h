/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_JOB_H
#define GUEST_JOB_H

#include <poll.h>

#include "data/record.h"
#include "guest/request.h"

/*
 * Jobs: what runs beside requests, each on a packet socket of its own. A job counts the frames of a mark,
 * sends each of them back, or sends frames at a steady pace. It lasts until it is stopped, and survives
 * that its interface disappears.
 */

enum { JOBS = 16 };

/* Start the job of a request "listen", "reflect" or "send" and return its number. */
int job_listen(const struct request *request, unsigned *job, struct err *err);
int job_send(const struct request *request, unsigned *job, struct err *err);

/* Sends all frames of a request "send" at once. SENT: how many the interface has taken. */
int frames_send(const struct request *request, unsigned *sent, struct err *err);

/* Put what a job has heard or sent into an answer. */
int job_heard(unsigned job, struct record *answer, struct err *err);
int job_sent(unsigned job, struct record *answer, struct err *err);

int job_stop(unsigned job, struct err *err);

/* For poll(): fills in one entry per job, and lowers TIMEOUT_MS to the time until a job must send. */
void jobs_poll(struct pollfd polled[JOBS], int *timeout_ms);

/* Receives, reflects, and sends what is due. */
void jobs_run(void);

#endif
