#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_mono_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
clock_format(int64_t utc_us, char ret[CLOCK_TEXT])
{
	int64_t us = utc_us % CLOCK_SECOND;
	time_t s = (time_t)(utc_us / CLOCK_SECOND);
	struct tm t;

	if (us < 0) { /* before 1970: the fraction counts upwards too */
		us += CLOCK_SECOND;
		s--;
	}
	(void)gmtime_r(&s, &t);

	/* strftime() does not fill a year up to four digits */
	size_t n = (size_t)snprintf(ret, CLOCK_TEXT, "%04d", t.tm_year + 1900);

	n += strftime(ret + n, CLOCK_TEXT - n, "-%m-%dT%H:%M:%S", &t);
	(void)snprintf(ret + n, CLOCK_TEXT - n, ".%06dZ", (int)us);
}
