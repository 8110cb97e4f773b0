/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_EXPRESSION_H
#define PROOF_EXPRESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Arithmetic in defect files, such as "0x3700+4*vf": decimal and 0x numbers, variables, parentheses, and
 * * + - << & | with the precedence of C. A value below 0 or above 2^64 - 1 is an error.
 */
struct expression_variable {
	const char *name;
	uint64_t value;
};

/* -EINVAL or -ERANGE; the message names the column in the text, counted from 1. */
int expression_evaluate(const char *text, const struct expression_variable *variables, size_t count,
		uint64_t *value, struct err *err);

#endif
