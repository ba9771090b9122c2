/*
 * progress_bar.h - shows the progress of a long verb on standard error: a bar
 * that is redrawn on a terminal, a line every few seconds elsewhere.
 */
#ifndef PANGOLIN_PROGRESS_BAR_H
#define PANGOLIN_PROGRESS_BAR_H

#include <stdbool.h>
#include <stdint.h>

struct progress_bar {
	bool quiet, terminal;
	bool drawn;       /* the terminal's line is not at its start */
	const char *step; /* the one that is shown */
	int64_t began_us; /* this step */
	int64_t shown_us;
};

struct progress_bar progress_bar_new(bool quiet);

/* `arg` is the bar; a total of 0 is not known. */
void progress_bar_moved(
    void *arg, const char *step, int64_t done, int64_t total);

/* Before anything else is printed. */
void progress_bar_end(struct progress_bar *);

#endif
