/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_EXPRESSION_H
#define PROOF_EXPRESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Arithmetic in defect files: "0x3700+4*vf". Decimal and 0x numbers, variables, parentheses, and
 * * + - << & | with the precedence of C. Values are not negative and below 2^64; leaving that range
 * is an error, not a wrapped value.
 */
struct expression_variable {
	const char *name;
	uint64_t value;
};

/* -EINVAL or -ERANGE with the column in the text, from 1. */
int expression_evaluate(const char *text, const struct expression_variable *variables, size_t count,
		uint64_t *value, struct err *err);

#endif
