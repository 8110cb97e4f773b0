/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	unsigned long long number;
	char *end;

	/* strtoull() would accept spaces, signs and a second 0x. */
	if (!(base == 16 ? isxdigit((unsigned char)*digits) : isdigit((unsigned char)*digits)))
		return -EINVAL;
	if (base == 16 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		return -EINVAL;
	errno = 0;
	number = strtoull(digits, &end, base);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE || number < min || number > max)
		return -ERANGE;
	*value = number;
	return 0;
}
