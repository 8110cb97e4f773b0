/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_ASSERT_H
#define TESTS_ASSERT_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* The message of a struct err, or any text, holds the words. */
#define assert_says(text, words)                                         \
	do {                                                             \
		if (!strstr(text, words))                                \
			fail_msg("'%s' does not say '%s'", text, words); \
	} while (0)

#endif
