#include "cli/progress_bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define DRAW_US (CLOCK_SECOND / 10)
#define LINE_US (5 * CLOCK_SECOND)

struct progress_bar
progress_bar_new(bool quiet)
{
	return (struct progress_bar){ .quiet = quiet,
		.terminal = isatty(STDERR_FILENO) == 1 };
}

/* So many of `parts`: never less than none nor more than all, whatever a store
 * counted, and without a product that overflows. */
static int
share(int64_t done, int64_t total, int parts)
{
	if (done <= 0 || total <= 0)
		return 0;
	return done < total ? (int)((double)done / (double)total * parts)
			    : parts;
}

/* "[#####     ]" */
static void
draw(int64_t done, int64_t total)
{
	static const char full[] = "##############################";
	int width = (int)sizeof(full) - 1;
	int reached = share(done, total, width);

	(void)fprintf(stderr, " [%.*s%*s]", reached, full, width - reached, "");
}

/* " 42 %, 12000 a second, 0:07 left" */
static void
say(int64_t done, int64_t total, int64_t spent_us)
{
	double spent = (double)spent_us / CLOCK_SECOND;
	double rate = spent > 0 && done > 0 ? (double)done / spent : 0;
	double left =
	    rate > 0 && total > done ? (double)(total - done) / rate : 0;

	(void)fprintf(stderr, " %3d %%, %.0f a second, %.0f:%02.0f left",
	    share(done, total, 100), floor(rate), floor(left / 60),
	    floor(fmod(left, 60)));
}

void
progress_bar_moved(void *arg, const char *step, int64_t done, int64_t total)
{
	struct progress_bar *p = arg;
	int64_t now = clock_mono_us();

	if (p->step == NULL || strcmp(p->step, step) != 0) {
		progress_bar_end(p);
		p->step = step;
		p->began_us = now;
		p->shown_us = p->terminal ? now - DRAW_US : now;
	}
	if (p->quiet || now - p->shown_us < (p->terminal ? DRAW_US : LINE_US))
		return;
	p->shown_us = now;
	(void)fprintf(stderr, "%s%-8s", p->terminal ? "\r" : "", step);
	if (p->terminal)
		draw(done, total);
	say(done, total, now - p->began_us);
	(void)fputs(p->terminal ? "\033[K" : "\n", stderr);
	p->drawn = p->terminal;
}

void
progress_bar_end(struct progress_bar *p)
{
	if (p->drawn)
		(void)fputs("\r\033[K", stderr);
	p->drawn = false;
}
