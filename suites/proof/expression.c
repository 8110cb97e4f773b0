/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/expression.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A recursive descent parser with a function for each level of precedence. */

#define DEPTH_LIMIT 32 /* of parentheses */

struct parser {
	const char *text, *at;
	const struct expression_variable *variables;
	size_t count, depth;
	struct err *err;
};

static int parse_or(struct parser *parser, uint64_t *value);

static int complain(const struct parser *parser, int code, const char *what)
{
	return err_set(parser->err, code, "'%.100s', column %zu: %s", parser->text,
			(size_t)(parser->at - parser->text) + 1, what);
}

/* Consumes the operator if it comes next. */
static bool accept(struct parser *parser, const char *operator)
{
	size_t length = strlen(operator);

	parser->at += strspn(parser->at, " \t");
	if (strncmp(parser->at, operator, length))
		return false;
	parser->at += length;
	return true;
}

static int parse_number(struct parser *parser, uint64_t *value)
{
	bool hex = parser->at[0] == '0' && (parser->at[1] == 'x' || parser->at[1] == 'X');
	char *end;

	if (hex && !isxdigit((unsigned char)parser->at[2]))
		return complain(parser, EINVAL, "hexadecimal digits must follow 0x");
	errno = 0;
	*value = strtoull(parser->at, &end, hex ? 16 : 10);
	if (errno)
		return complain(parser, ERANGE, "the number is too large");
	parser->at = end;
	if (isalnum((unsigned char)*end) || *end == '_')
		return complain(parser, EINVAL, "this is not a digit");
	return 0;
}

static int parse_variable(struct parser *parser, uint64_t *value)
{
	size_t length = 0;

	while (isalnum((unsigned char)parser->at[length]) || parser->at[length] == '_')
		length++;
	for (size_t i = 0; i < parser->count; i++) {
		const char *name = parser->variables[i].name;

		if (strlen(name) == length && !strncmp(name, parser->at, length)) {
			*value = parser->variables[i].value;
			parser->at += length;
			return 0;
		}
	}
	return complain(parser, EINVAL, "unknown variable");
}

static int parse_primary(struct parser *parser, uint64_t *value)
{
	int rc;

	if (accept(parser, "(")) {
		if (++parser->depth > DEPTH_LIMIT)
			return complain(parser, EINVAL, "too many parentheses");
		rc = parse_or(parser, value);
		parser->depth--;
		if (!rc && !accept(parser, ")"))
			rc = complain(parser, EINVAL, "a closing parenthesis is missing");
		return rc;
	}
	if (isdigit((unsigned char)*parser->at))
		return parse_number(parser, value);
	if (isalpha((unsigned char)*parser->at))
		return parse_variable(parser, value);
	return complain(parser, EINVAL, "a number or a variable is missing");
}

static int parse_product(struct parser *parser, uint64_t *value)
{
	uint64_t right;
	int rc = parse_primary(parser, value);

	while (!rc && accept(parser, "*")) {
		rc = parse_primary(parser, &right);
		if (!rc && __builtin_mul_overflow(*value, right, value))
			rc = complain(parser, ERANGE, "the product is too large");
	}
	return rc;
}

static int parse_sum(struct parser *parser, uint64_t *value)
{
	uint64_t right;
	int rc = parse_product(parser, value);

	while (!rc) {
		bool plus = accept(parser, "+");

		if (!plus && !accept(parser, "-"))
			break;
		rc = parse_product(parser, &right);
		if (rc < 0)
			break;
		if (plus ? __builtin_add_overflow(*value, right, value)
			 : __builtin_sub_overflow(*value, right, value))
			rc = complain(parser, ERANGE,
					plus ? "the sum is too large"
					     : "the difference is negative");
	}
	return rc;
}

static int parse_shift(struct parser *parser, uint64_t *value)
{
	uint64_t right;
	int rc = parse_sum(parser, value);

	while (!rc && accept(parser, "<<")) {
		rc = parse_sum(parser, &right);
		if (!rc && (right > 63 || *value << right >> right != *value))
			rc = complain(parser, ERANGE, "the shifted value is too large");
		if (!rc)
			*value <<= right;
	}
	return rc;
}

static int parse_and(struct parser *parser, uint64_t *value)
{
	uint64_t right;
	int rc = parse_shift(parser, value);

	while (!rc && accept(parser, "&")) {
		rc = parse_shift(parser, &right);
		if (!rc)
			*value &= right;
	}
	return rc;
}

static int parse_or(struct parser *parser, uint64_t *value)
{
	uint64_t right;
	int rc = parse_and(parser, value);

	while (!rc && accept(parser, "|")) {
		rc = parse_and(parser, &right);
		if (!rc)
			*value |= right;
	}
	return rc;
}

int expression_evaluate(const char *text, const struct expression_variable *variables, size_t count,
		uint64_t *value, struct err *err)
{
	struct parser parser = {
		.text = text, .at = text, .variables = variables, .count = count, .err = err
	};
	int rc = parse_or(&parser, value);

	parser.at += strspn(parser.at, " \t");
	if (!rc && *parser.at)
		rc = complain(&parser, EINVAL, "this does not continue the expression");
	return rc;
}
