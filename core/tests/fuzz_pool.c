/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "domain/pool.h"
#include "tests/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_pool) struct pool pool = { .is_hostdev = false };
	char owner[NAME_ROOM];
	uint16_t vlan = 0;
	struct err err = { 0 };
	struct bdf vf;

	if (!pool_port_parse((const char *)data, size, &vf, owner, NULL) &&
			(!*owner || vf.device > 31 || vf.function > 7))
		abort();
	if (pool_parse("f", (const char *)data, size, &pool, &err) < 0) {
		if (pool.vfs || pool.groups || strncmp(err.msg, "f:", 2) != 0)
			abort();
		return 0;
	}
	if (!*pool.name || (!pool_vlan(&pool, NULL, &vlan, NULL) && vlan > 4094))
		abort();
	for (size_t i = 0; i < pool.vf_count; i++) {
		if (pool.vfs[i].vf.device > 31 || pool.vfs[i].vf.function > 7)
			abort();
	}
	return 0;
}
