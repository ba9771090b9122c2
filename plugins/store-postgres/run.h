/* run.h - units that are judged by one statement, and written in one
 * transaction. */
#ifndef PANGOLIN_RUN_H
#define PANGOLIN_RUN_H

#include "postgres.h"

#define RUN_UNITS 256

/* Units of one call, judged in copies of the caller's. */
struct run {
	struct call *call;
	int64_t branch;
	struct unit *unit[RUN_UNITS];
	size_t count;
	bool has_writes; /* some of them */
};

/* The result of one attempt to run statements. */
struct attempted {
	enum outcome outcome;
	char state[6];  /* FAILED */
	bool submitted; /* LATE, LOST: it may have been kept */
	bool clashed;   /* DONE, but nothing is kept: some unit's writes do not
			 * pass */
};

/* apply.c */
void run_read_verdicts(struct run *, const PGresult *);

/* records.c: judges the run by this statement, writes the records of the units
 * that are applied, and commits unless one of them clashed. */
MUST_CHECK enum err run_with_records(
    struct run *, const struct query *judge, struct attempted *ret);

#endif
