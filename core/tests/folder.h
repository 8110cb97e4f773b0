/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include "base/err.h"

/* An empty temporary folder, for cmocka's setup and teardown: *STATE is a struct folder. */
struct folder {
	char path[64];
	int fd;
	struct err err;
};

int folder_setup(void **state);
int folder_teardown(void **state);

#endif
