/*
 * kept.h - what is kept of a log, for calls that may be answered from it.
 *
 * A call that reads for a request brings, in its usage, the caches and the
 * time at which the request came; others are answered by the store.  What is
 * found is right as of that time: see tails.h.
 */
#ifndef PANGOLIN_KEPT_H
#define PANGOLIN_KEPT_H

#include "cache/levels.h"
#include "cache/tails.h"
#include "plugin/store.h"

/* What was found, and, if it was nothing, what it takes to keep it. */
struct kept {
	struct log_mark mark;
	struct str value; /* ptr NULL: ask the store */
};

/* Before the store is asked; never fails. */
void kept_find(
    struct call *, int64_t log, const struct key *, struct kept *ret);

/* What the store has answered since kept_find(): kept, unless the log has
 * moved meanwhile. */
void kept_put(
    struct call *, const struct kept *, const struct key *, struct str value);

/*
 * A text made of anything that a log holds, such as a list: it is kept until
 * the log moves at all.  `what` tells texts of one namespace apart.
 */
struct kept_text {
	struct kept kept; /* value.ptr NULL: make it */
	struct key key;
};
void kept_text_find(struct call *, int64_t log, const char *what, struct str ns,
    struct kept_text *ret);
void kept_text_put(struct call *, const struct kept_text *, struct str);

/* What tails_ask() has to know to forget what is kept in these levels. */
struct tails kept_tails(struct log_marks *, struct levels *);

/*
 * What never changes, under a name that begins with its kind.  ERR_WOULD_BLOCK
 * where a level must be waited for; *ret with ptr NULL: it is not kept.
 */
MUST_CHECK enum err fact_find(
    struct call *, struct str name, struct cached *ret);
void fact_release(struct call *, const struct cached *);
void fact_put(struct call *, struct str name, struct str value, int64_t ttl_us);

#endif
