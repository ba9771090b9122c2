/* amount.c - durations and sizes as people write them. */
#include "base/amount.h"

#include <ctype.h>

/* Largest first: the first that divides a value is the one to print. */
const struct amount_unit amount_times[] = {
	{ "d", DAY },
	{ "h", HOUR },
	{ "m", MINUTE },
	{ "s", CLOCK_SECOND },
	{ "ms", CLOCK_MS },
	{ "us", 1 },
	{ NULL, 0 },
};
const struct amount_unit amount_sizes[] = {
	{ "GiB", GIB },
	{ "MiB", MIB },
	{ "KiB", KIB },
	{ "B", 1 },
	{ NULL, 0 },
};
const struct amount_unit amount_plain[] = {
	{ "", 1 },
	{ NULL, 0 },
};

bool
amount_parse(struct str s, const struct amount_unit *u, int64_t *ret)
{
	size_t digits = 0;
	int64_t n;

	while (digits < s.len && isdigit((unsigned char)s.ptr[digits]))
		digits++;
	if (!str_to_int((struct str){ s.ptr, digits }, &n))
		return false;
	s = str_trim(str_skip(s, digits));
	while (u->name != NULL && !str_eq(s, str_from(u->name)))
		u++;
	return u->name != NULL && !__builtin_mul_overflow(n, u->factor, ret);
}

void
amount_add(struct buf *b, const struct amount_unit *u, int64_t n)
{
	while (u->factor != 1 && (n == 0 || n % u->factor != 0))
		u++;
	buf_printf(b, "%lld%s", (long long)(n / u->factor), u->name);
}
