#include "iceberg/moment.h"

#include <inttypes.h>

#include "base/calendar.h"

#define YEAR_DIGITS_MAX 9

int64_t
moment_unit(enum type_kind kind)
{
	return kind == TYPE_TIMESTAMP_NS || kind == TYPE_TIMESTAMPTZ_NS
		   ? 1000000000
		   : 1000000;
}

static bool
has_zone(enum type_kind kind)
{
	return kind == TYPE_TIMESTAMPTZ || kind == TYPE_TIMESTAMPTZ_NS;
}

static bool
take_char(struct str *s, char c)
{
	if (s->len == 0 || *s->ptr != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

/* All digits in front, `least` to `most`. */
static bool
take_number(struct str *s, size_t least, size_t most, int64_t *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9') {
		if (n++ == most)
			return false;
		*ret = *ret * 10 + (s->ptr[n - 1] - '0');
	}
	*s = str_skip(*s, n);
	return n >= least;
}

static bool
take_two(struct str *s, int64_t most, int64_t *ret)
{
	return take_number(s, 2, 2, ret) && *ret <= most;
}

static bool
take_date(struct str *s, int64_t *ret_days)
{
	bool minus = take_char(s, '-'), sign = minus || take_char(s, '+');
	int64_t month = 0, day = 0;
	struct date date;

	if (!take_number(s, 4, sign ? YEAR_DIGITS_MAX : 4, &date.year) ||
	    !take_char(s, '-') || !take_two(s, 12, &month) ||
	    !take_char(s, '-') || !take_two(s, 31, &day))
		return false;
	if (minus)
		date.year = -date.year;
	date.month = (int)month;
	date.day = (int)day;
	*ret_days = date_days(date);
	return date_exists(date);
}

/* ".5": in units; `more` when digits are smaller than one. */
static bool
take_fraction(struct str *s, int64_t unit, struct rounded *ret)
{
	int128 worth = unit;
	int digit = 0;

	if (!take_char(s, '.'))
		return true;
	if (s->len == 0 || *s->ptr < '0' || *s->ptr > '9')
		return false;
	for (; s->len != 0 && *s->ptr >= '0' && *s->ptr <= '9';
	     *s = str_skip(*s, 1)) {
		digit = *s->ptr - '0';
		worth /= 10;
		ret->n += digit * worth;
		ret->more = ret->more || (worth == 0 && digit != 0);
	}
	return true;
}

/* "10:30", "10:30:15.25" */
static bool
take_time(struct str *s, int64_t unit, struct rounded *ret)
{
	int64_t hour = 0, minute = 0, second = 0;

	*ret = (struct rounded){ 0 };
	if (!take_two(s, 23, &hour) || !take_char(s, ':') ||
	    !take_two(s, 59, &minute))
		return false;
	if (take_char(s, ':') &&
	    (!take_two(s, 59, &second) || !take_fraction(s, unit, ret)))
		return false;
	ret->n += (int128)((hour * 60 + minute) * 60 + second) * unit;
	return true;
}

/* How many seconds the local time is ahead of UTC. */
static bool
take_offset(struct str *s, int64_t *ret)
{
	int64_t hour = 0, minute = 0;
	bool minus = s->len != 0 && *s->ptr == '-';

	*ret = 0;
	if (s->len == 0 || take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	if (!take_char(s, minus ? '-' : '+') || !take_two(s, 23, &hour) ||
	    !take_char(s, ':') || !take_two(s, 59, &minute))
		return false;
	*ret = (hour * 60 + minute) * (minus ? -60 : 60);
	return true;
}

static bool
timestamp_parse(enum type_kind kind, struct str s, struct rounded *ret)
{
	int64_t days = 0, ahead = 0, unit = moment_unit(kind);

	*ret = (struct rounded){ 0 };
	if (!take_date(&s, &days))
		return false;
	if (s.len == 0 && has_zone(kind))
		return false;
	if (s.len != 0 && (!take_char(&s, 'T') || !take_time(&s, unit, ret)))
		return false;
	if (has_zone(kind) && !take_offset(&s, &ahead))
		return false;
	ret->n += ((int128)days * DAY_SECONDS - ahead) * unit;
	return s.len == 0;
}

bool
moment_parse(enum type_kind kind, struct str s, struct rounded *ret)
{
	int64_t days = 0;

	if (kind == TYPE_TIME)
		return take_time(&s, moment_unit(kind), ret) && s.len == 0;
	if (kind != TYPE_DATE)
		return timestamp_parse(kind, s, ret);
	if (!take_date(&s, &days))
		return false;
	*ret = (struct rounded){ days, false };
	return s.len == 0;
}

static void
write_date(struct buf *b, int64_t days)
{
	struct date date = date_of_days(days);

	if (date.year > 9999)
		buf_add_char(b, '+');
	buf_printf(b, date.year < 0 ? "%05" PRId64 : "%04" PRId64, date.year);
	buf_printf(b, "-%02d-%02d", date.month, date.day);
}

static void
write_time(struct buf *b, int64_t units, int64_t unit)
{
	int64_t seconds = units / unit;

	buf_printf(b, "%02d:%02d:%02d.", (int)(seconds / 3600),
	    (int)(seconds / 60 % 60), (int)(seconds % 60));
	buf_printf(b, unit == 1000000 ? "%06d" : "%09d", (int)(units % unit));
}

void
moment_write(struct buf *b, enum type_kind kind, int64_t n)
{
	int64_t unit = moment_unit(kind), day = DAY_SECONDS * unit;
	int64_t days = n / day - (n % day < 0);

	if (kind == TYPE_DATE) {
		write_date(b, n);
		return;
	}
	if (kind != TYPE_TIME) {
		write_date(b, days);
		buf_add_char(b, 'T');
	}
	/* not n - days * day, which may leave the range */
	write_time(b, n % day + (n % day < 0 ? day : 0), unit);
	if (has_zone(kind))
		buf_add(b, STR("+00:00"));
}
