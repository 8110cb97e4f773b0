/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/ini.h"
#include "proof/defect.h"
#include "reports/results/quirks.h"
#include "rig/topology.h"
#include "tests/fuzz.h"

/* A folder for quirks, which can only be loaded from folders; each process has its own. */
static const char *folder(void)
{
	static char name[] = "/tmp/vfcert-fuzz-XXXXXX", *made;

	if (!made)
		made = mkdtemp(name);
	if (!made)
		abort();
	return made;
}

static void must_say(int rc, const struct err *err)
{
	if (rc < 0 && !*err->msg)
		abort();
}

/* Reads the same file as a topology, a defect, and a quirk. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/x.ini", folder());
	CLEANUP(cleanup_topology) struct topology *topology = NULL;
	CLEANUP(cleanup_defect) struct defect *defect = NULL;
	CLEANUP(cleanup_quirks) struct quirks *quirks = NULL;
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct err err[3] = { 0 };

	if (fd < 0 || file_write_all(fd, data, size) < 0)
		abort();
	must_say(topology_load(folder(), path, NULL, 0, &topology, &err[0]), &err[0]);
	must_say(defect_load(path, &defect, &err[1]), &err[1]);
	must_say(quirks_load(folder(), &quirks, &err[2]), &err[2]);
	if (topology)
		free(topology_kernel(topology, "quiet"));
	unlink(path);
	return 0;
}
