/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "guest/frame.h"
#include "guest/request.h"
#include "tests/fuzz.h"

/* The input as a request to a guest's agent, and as a frame that a guest hears. A request that is refused says
 * why; a name in one that is taken leads nowhere else. A frame that is read is written as one that reads the
 * same. */
static void try_frame(const uint8_t *data, size_t size)
{
	uint8_t octets[FRAME_OCTETS_MIN];
	struct frame frame, again;

	if (!frame_parse(data, size, FRAME_UNTAGGED, &frame))
		return;
	frame_build(&frame, octets, sizeof(octets));
	if (!frame_parse(octets, sizeof(octets), FRAME_UNTAGGED, &again) ||
			again.mark != frame.mark || again.sequence != frame.sequence ||
			again.vlan != frame.vlan)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	struct err err = { 0 };
	int rc = request_parse((const char *)data, size, &request, &err);

	if (rc < 0 ? !*err.msg : request.id <= 0 || request.op >= OPS)
		abort();
	if (strchr(request.interface, '/') || strchr(request.module, '/') ||
			strchr(request.module, '.'))
		abort();
	try_frame(data, size);
	return 0;
}
