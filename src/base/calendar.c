#include "base/calendar.h"

/* Years are counted from March here, so that the leap day is their last, and
 * days from 0000-03-01, 719468 days before 1970. */
#define BEFORE_1970 719468
#define CYCLE 146097 /* days in 400 years, after which all repeats */

/* Days of a year before the month, counted from March. */
static int64_t
days_before(int64_t month)
{
	return (153 * month + 2) / 5;
}

bool
date_exists(struct date d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;

	return d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= days[d.month - 1] + (d.month == 2 && leap);
}

int64_t
date_days(struct date d)
{
	int64_t year = d.month > 2 ? d.year : d.year - 1;
	int64_t cycle = (year >= 0 ? year : year - 399) / 400;
	int64_t of_cycle = year - cycle * 400;
	int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
	int64_t days = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 +
		       days_before(month) + d.day - 1;

	return cycle * CYCLE + days - BEFORE_1970;
}

struct date
date_of_days(int64_t days)
{
	days += BEFORE_1970;

	int64_t cycle = (days >= 0 ? days : days - CYCLE + 1) / CYCLE;
	int64_t left = days - cycle * CYCLE;
	/* less the leap days before: one in 4 years, none in 100, one in 400 */
	int64_t year =
	    (left - left / 1460 + left / 36524 - left / (CYCLE - 1)) / 365;

	left -= year * 365 + year / 4 - year / 100;

	int64_t month = (5 * left + 2) / 153;

	return (struct date){
		.year = cycle * 400 + year + (month >= 10),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(left - days_before(month) + 1),
	};
}
