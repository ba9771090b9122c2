#include "cli/progress_bar.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define WIDTH 30
#define DRAW_US (CLOCK_SECOND / 10)
#define LINE_US (5 * CLOCK_SECOND)

struct progress_bar
progress_bar_new(bool quiet)
{
	return (struct progress_bar){ .quiet = quiet,
		.terminal = isatty(STDERR_FILENO) == 1 };
}

/* "[#####     ]" */
static void
draw(int64_t done, int64_t total)
{
	char bar[WIDTH + 1];
	int64_t full = total > 0 ? done * WIDTH / total : 0;

	memset(bar, ' ', WIDTH);
	memset(bar, '#', (size_t)full);
	bar[WIDTH] = '\0';
	(void)fprintf(stderr, " [%s]", bar);
}

/* " 42 %, 12000 a second, 0:07 left" */
static void
say(int64_t done, int64_t total, int64_t spent_us)
{
	int64_t rate = spent_us > 0 ? done * CLOCK_SECOND / spent_us : 0;
	int64_t left = rate > 0 ? (total - done) / rate : 0;

	(void)fprintf(stderr, " %3lld %%, %lld a second, %lld:%02lld left",
	    (long long)(total > 0 ? done * 100 / total : 0), (long long)rate,
	    (long long)(left / 60), (long long)(left % 60));
}

void
progress_bar_moved(void *arg, const char *step, int64_t done, int64_t total)
{
	struct progress_bar *p = arg;
	int64_t now = clock_mono_us();

	if (p->step == NULL || strcmp(p->step, step) != 0) {
		progress_bar_end(p);
		p->step = step;
		p->began_us = p->shown_us = now;
	}
	if (p->quiet || now - p->shown_us < (p->terminal ? DRAW_US : LINE_US))
		return;
	p->shown_us = now;
	if (done > total)
		done = total;
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
