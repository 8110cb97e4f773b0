/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_ASSERT_H
#define TESTS_ASSERT_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* Asserts that a text, or the message of a struct err, contains the words. */
#define assert_says(text, words)                                         \
	do {                                                             \
		if (!strstr(text, words))                                \
			fail_msg("'%s' does not say '%s'", text, words); \
	} while (0)

#endif
