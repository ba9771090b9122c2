/* calendar.h - days and dates of the Gregorian calendar, in all years. */
#ifndef PANGOLIN_CALENDAR_H
#define PANGOLIN_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct date {
	int64_t year; /* 0 is 1 BC */
	int month;    /* 1 to 12 */
	int day;
};

/* The month has such a day. */
bool date_exists(struct date);

/* Days since 1970-01-01, and back.  Years within 10^12 of 0. */
int64_t date_days(struct date);
struct date date_of_days(int64_t days);

#endif
