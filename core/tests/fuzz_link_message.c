/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "netdev/link_message.h"
#include "tests/fuzz.h"

/* The input is what follows the header of an RTM_NEWLINK. What is decoded has as many VFs as it
 * counts, and a refusal leaves none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) struct nlmsghdr *message = calloc(1, NLMSG_HDRLEN + size);
	struct netdev netdev;
	int rc;

	if (!message)
		abort();
	message->nlmsg_type = RTM_NEWLINK;
	message->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
	memcpy((char *)message + NLMSG_HDRLEN, data, size);
	rc = link_message_decode(message, &netdev, NULL);
	if ((netdev.vf_count != 0) != (netdev.vfs != NULL) || (rc < 0 && netdev.vfs) ||
			strnlen(netdev.name, sizeof(netdev.name)) == sizeof(netdev.name) ||
			strnlen(netdev.address, sizeof(netdev.address)) == sizeof(netdev.address))
		abort();
	netdev_free(&netdev);
	return 0;
}
