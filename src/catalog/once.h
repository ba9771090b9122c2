/*
 * once.h - a request that counts once, however often it comes: what the
 * Idempotency-Key of the Iceberg REST spec is for.
 *
 * Who asks and the key make an id.  The commit that the request makes takes
 * it.  A request that is answered without a commit leaves its answer as a row
 * and claims the id (plugin/store.h, branch 0 of commits).  So the unique
 * index on the ids of commits decides, on any node, who was first, and a
 * commit pays nothing for it.
 */
#ifndef PANGOLIN_ONCE_H
#define PANGOLIN_ONCE_H

#include "plugin/store.h"

#define ONCE_HASH 32 /* SHA-256 */

struct once {
	struct id id;
	uint8_t hash[ONCE_HASH]; /* of the request */
	bool committed;          /* by branch_apply(): the id is in the log */
	struct str shown; /* by who answers: the metadata file in the answer */
};

struct id once_id(struct id tenant, struct id principal, struct id key);

static inline struct str
once_hash(const struct once *o)
{
	return (struct str){ (const char *)o->hash, sizeof(o->hash) };
}

/* What came of a request the first time. */
struct answer {
	struct point commit; /* branch 0: it made none, but: */
	enum err code;       /* what it was refused with; OK: it was not */
	struct str message;
	struct str location; /* of the metadata file that was shown */
	struct str body;     /* the whole body; neither: there was none */
};

/* ERR_UNPROCESSABLE: the key was used for another request. */
MUST_CHECK enum err once_find(
    struct call *, const struct once *, struct answer *ret, bool *ret_any);

/* Keeps what was answered without a commit.  False in *ret_first: the id is
 * taken, somebody was answered before. */
MUST_CHECK enum err once_remember(struct call *, const struct once *,
    const struct answer *, int64_t expires_us, bool *ret_first);

/* Forgets some answers whose time is over; *ret_more: there are more. */
MUST_CHECK enum err once_expire(struct call *, int64_t now_us, bool *ret_more);

/* ERR_UNPROCESSABLE unless the commit with the id is of this request. */
MUST_CHECK enum err once_check(
    const struct once *, struct str first_hash, struct error *);

#endif
