/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "rig/emulated.h"

/* What breaks the first machine leaves its peer sound. */
static int prepare(struct emulated *peer, const struct emulated *of, struct err *err)
{
	CLEANUP(cleanup_ini) struct ini *overlay = NULL;
	CLEANUP(cleanup_free) char *folder = text_format("%s/peer", of->folder.path);
	int rc = ini_load(AT_FDCWD, of->topology->peer, &overlay, err);

	if (rc < 0) {
		err_prefix(err, "Peer= of topology %s: ", of->topology->id);
		return rc;
	}
	rc = emulated_load(
			&of->options, (const struct ini *const *)&overlay, 1, &peer->topology, err);
	peer->options = of->options;
	peer->options.folder = folder;
	peer->options.boot_defect = (struct boot_defect){ 0 };
	if (!rc)
		rc = emulated_prepare(peer, err);
	peer->options.folder = NULL;
	return rc;
}

int peer_up(struct emulated *rig, struct err *err)
{
	struct emulated *peer = rig->peer = calloc(1, sizeof(*peer));
	int rc;

	if (!peer)
		abort();
	peer->folder = FOLDER_NONE;
	peer->is_peer = true;
	rc = prepare(peer, rig, err);
	if (!rc)
		rc = emulated_boot(peer, err);
	if (rc < 0)
		err_prefix(err, "the second machine: ");
	return rc;
}
