/* clock_parse.c - RFC 3339 (5.6) into microseconds. */
#include "base/clock.h"

#include "base/calendar.h"

#define DAY (86400 * CLOCK_SECOND)

/* Take exactly `digits` digits from the front of `s`. */
static bool
take_number(struct str *s, size_t digits, int *ret)
{
	int n = 0;

	if (s->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int digit = s->ptr[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		n = n * 10 + digit;
	}
	*s = str_skip(*s, digits);
	*ret = n;
	return true;
}

static bool
take_char(struct str *s, const char *any_of)
{
	if (s->len == 0 || *s->ptr == '\0' || !strchr(any_of, *s->ptr))
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool
take_date(struct str *s, int64_t *ret_days)
{
	int year = 0;
	struct date date = { 0 };

	if (!take_number(s, 4, &year) || !take_char(s, "-") ||
	    !take_number(s, 2, &date.month) || !take_char(s, "-") ||
	    !take_number(s, 2, &date.day))
		return false;
	date.year = year;
	*ret_days = date_days(date);
	return date_exists(date);
}

/* ".123456789": at least one digit behind the point. */
static bool
take_fraction(struct str *s, int64_t *ret_us)
{
	int64_t worth = CLOCK_SECOND;
	int digit = 0;

	*ret_us = 0;
	if (!take_char(s, "."))
		return true;
	if (!take_number(s, 1, &digit))
		return false;
	do {
		worth /= 10;
		*ret_us += digit * worth;
	} while (take_number(s, 1, &digit));
	return true;
}

static bool
take_time(struct str *s, int64_t *ret_us)
{
	int hour = 0, minute = 0, second = 0;
	int64_t fraction = 0;

	if (!take_number(s, 2, &hour) || !take_char(s, ":") ||
	    !take_number(s, 2, &minute) || !take_char(s, ":") ||
	    !take_number(s, 2, &second) || !take_fraction(s, &fraction))
		return false;
	/* 60 is a leap second, and the first of the next minute to us */
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*ret_us = ((hour * 60 + minute) * 60 + second) * CLOCK_SECOND;
	*ret_us += fraction;
	return true;
}

/* "Z", or how far the local time is ahead of UTC. */
static bool
take_offset(struct str *s, int64_t *ret_us)
{
	int hour = 0, minute = 0;
	int64_t sign = s->len != 0 && *s->ptr == '-' ? -1 : 1;

	*ret_us = 0;
	if (take_char(s, "Zz"))
		return true;
	if (!take_char(s, "+-") || !take_number(s, 2, &hour) ||
	    !take_char(s, ":") || !take_number(s, 2, &minute))
		return false;
	*ret_us = sign * (hour * 60 + minute) * 60 * CLOCK_SECOND;
	return hour <= 23 && minute <= 59;
}

bool
clock_parse(struct str s, int64_t *ret_utc_us)
{
	int64_t days = 0, time = 0, ahead = 0;

	if (!take_date(&s, &days) || !take_char(&s, "Tt ") ||
	    !take_time(&s, &time) || !take_offset(&s, &ahead) || s.len != 0)
		return false;
	*ret_utc_us = days * DAY + time - ahead;
	return *ret_utc_us >= date_days((struct date){ 0, 1, 1 }) * DAY &&
	       *ret_utc_us < date_days((struct date){ 10000, 1, 1 }) * DAY;
}
