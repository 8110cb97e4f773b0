/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kernel_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

int kernel_log_open(const struct host *host, bool from_start, int *fd, struct err *err)
{
	int log = host_open_file(host, "dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (log < 0)
		return err_set(err, -log, "cannot open the kernel log (run as root): %s",
				strerror(-log));
	if (!from_start && lseek(log, 0, SEEK_END) < 0) {
		close(log);
		return err_sys(err, "cannot go to the end of the kernel log");
	}
	*fd = log;
	return 0;
}

bool kernel_log_next(int fd, char *line, size_t size)
{
	char record[8192]; /* the kernel's limit for a record */
	ssize_t length;
	char *text;

	do
		length = read(fd, record, sizeof(record) - 1);
	while (length < 0 && (errno == EINTR || errno == EPIPE));
	if (length <= 0)
		return false;
	record[length] = '\0';
	/* "priority,sequence,time,flags;text\n KEY=value..." */
	text = strchr(record, ';');
	text = text ? text + 1 : record;
	text[strcspn(text, "\n")] = '\0';
	snprintf(line, size, "%s", text);
	return true;
}

void kernel_log_write(const struct host *host, const char *line)
{
	CLEANUP(cleanup_fd) int log = host_open_file(host, "dev/kmsg", O_WRONLY);

	/* One write is one record. */
	if (log >= 0)
		file_write_all(log, line, strlen(line));
}
