/*
 * slow.h - times statements and names the slow ones.
 *
 * The clock is read when a statement begins and when it ends, and not even then
 * while nobody wants to know; all else is for statements that were slow.
 */
#ifndef PANGOLIN_SLOW_H
#define PANGOLIN_SLOW_H

#include "base/clock.h"
#include "plugin/store.h"

/* The names in a statement; borrowed until it is answered. */
struct asked {
	const char *verb;
	const struct entity *entity; /* NULL: what the verb says is all */
	const struct test *where;    /* of the rows that are wanted */
	size_t where_count;
};

/* "scan users where tenant_id, role". */
struct str asked_name(struct arena *, const struct asked *);

/* When it begins; 0: it does not matter. */
static inline int64_t
slow_begin(const struct store_watch *watch)
{
	return watch != NULL && *watch->slow_us != 0 ? clock_mono_us() : 0;
}

/* At its end: how long it took, if that was slow, else 0. */
static inline int64_t
slow_end(const struct store_watch *watch, int64_t began_us)
{
	if (began_us == 0)
		return 0;

	int64_t limit = *watch->slow_us, took = clock_mono_us() - began_us;

	return limit != 0 && took >= limit ? took : 0;
}

#endif
