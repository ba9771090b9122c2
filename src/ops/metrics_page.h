/*
 * metrics_page.h - the page of /metrics while it is written, and its samples.
 */
#ifndef PANGOLIN_METRICS_PAGE_H
#define PANGOLIN_METRICS_PAGE_H

#include "app/app.h"
#include "base/buf.h"
#include "cache/levels.h"
#include "catalog/committer.h"
#include "ops/process_stat.h"

#define LABELS_MAX 3

struct process {
	const char *name;
	struct process_stat stat;
};

struct page {
	struct arena *arena;
	const struct app *app;
	struct buf out;
	const struct metric *metric;
	bool headed; /* HELP and TYPE of the metric are written */

	/* read once for the page */
	struct process *process;
	size_t process_count;
	bool store_up;
	int64_t store_us;
	struct committer_counts commits;
	struct level_stats level[LEVELS_MAX];
};

struct metric {
	const char *name, *type;
	const char *label[LABELS_MAX + 1]; /* NULL ends */
	const char *help;
	void (*samples)(struct page *);
	enum gauge gauge; /* of a SLOT row */
	size_t offset;    /* of a POOL row in struct pool_counts, of a CACHE
			   * row in struct level_stats */
};

/* Begins a sample, which then gets its value.  `values` are those of the first
 * labels, or of all; NULL: there is no label. */
void sample_begin(struct page *, const char *suffix, const char *const *values);
void sample_number(struct page *, int64_t);
void sample_seconds(struct page *, int64_t us);

/* metrics_traffic.c */
void traffic_requests(struct page *);
void traffic_reply_bytes(struct page *);
void traffic_durations(struct page *);

#endif
