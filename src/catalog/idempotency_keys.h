/*
 * idempotency_keys.h - makes a request with an Idempotency-Key (Iceberg REST
 * spec) take effect once, however often it is sent.
 *
 * Tenant, principal and key make an id.  The commit of the request takes that
 * id.  A request that is answered without a commit stores its answer as a row
 * and claims the id (plugin/store.h, branch 0 of commits).  The unique index on
 * the ids of commits thus decides, on any node, which request was first, and a
 * commit costs nothing more for it.  The middleware around handlers is
 * api/idempotency.c; the answers to repeated requests are made in
 * api/idempotent_answers.c.
 */
#ifndef PANGOLIN_IDEMPOTENCY_KEYS_H
#define PANGOLIN_IDEMPOTENCY_KEYS_H

#include "plugin/store.h"

#define IDEMPOTENCY_HASH 32 /* SHA-256 */

struct idempotency_key {
	struct id id;
	uint8_t hash[IDEMPOTENCY_HASH]; /* of the request */
	bool committed;   /* set by branch_apply(): the id is in the log */
	struct str shown; /* set by handlers: the metadata file in the answer */
};

struct id idempotency_id(struct id tenant, struct id principal, struct id key);

static inline struct str
idempotency_hash(const struct idempotency_key *key)
{
	return (struct str){ (const char *)key->hash, sizeof(key->hash) };
}

/* The result of the first request with a key. */
struct answer {
	struct point commit; /* branch 0: there was none, see what follows: */
	enum err code;       /* the error it was answered with; OK: none */
	struct str message;
	struct str location; /* of the metadata file that was shown */
	struct str body; /* the whole body; neither: the answer had no body */
};

/* ERR_UNPROCESSABLE: the key was used for another request. */
MUST_CHECK enum err idempotency_find(struct call *,
    const struct idempotency_key *, struct answer *ret, bool *ret_any);

/* Stores an answer that was given without a commit.  False in *ret_first: the
 * id is taken, an earlier request was answered. */
MUST_CHECK enum err idempotency_remember(struct call *,
    const struct idempotency_key *, const struct answer *, int64_t expires_us,
    bool *ret_first);

/* The same in a unit that does more, and is refused when the id is taken. */
struct batch;
void idempotency_put(struct batch *, const struct idempotency_key *,
    const struct answer *, int64_t expires_us);

/* Deletes some answers that have expired; *ret_more: there are more. */
MUST_CHECK enum err idempotency_expire(
    struct call *, int64_t now_us, bool *ret_more);

/* ERR_UNPROCESSABLE unless the commit with the id is of this request. */
MUST_CHECK enum err idempotency_check(
    const struct idempotency_key *, struct str first_hash, struct error *);

#endif
