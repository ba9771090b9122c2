/* clock_parse.c - RFC 3339 (5.6) into microseconds. */
#include "base/clock.h"

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

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the Gregorian calendar, years from 0 on. */
static int64_t
days_since_1970(int year, int month, int day)
{
	/* years that begin in March have the leap day at their end */
	int64_t y = month > 2 ? year : year - 1;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
	int64_t leaps = (y + 400) / 4 - (y + 400) / 100 + (y + 400) / 400;

	/* 719468 days lie between 0000-03-01 and 1970; 97 leaps in 400 y */
	return y * 365 + leaps - 97 + of_year + day - 1 - 719468;
}

static bool
take_date(struct str *s, int64_t *ret_days)
{
	int year = 0, month = 0, day = 0;

	if (!take_number(s, 4, &year) || !take_char(s, "-") ||
	    !take_number(s, 2, &month) || !take_char(s, "-") ||
	    !take_number(s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 ||
	    day > days_of_month(year, month))
		return false;
	*ret_days = days_since_1970(year, month, day);
	return true;
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
	return *ret_utc_us >= days_since_1970(0, 1, 1) * DAY &&
	       *ret_utc_us < days_since_1970(10000, 1, 1) * DAY;
}
