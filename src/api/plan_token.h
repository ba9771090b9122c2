/*
 * plan_token.h - plan-id and plan-task of the Iceberg REST spec, as sealed
 * tokens.
 *
 * A token holds all that is needed to go on with a plan, sealed for its table
 * (identity/seal.h): nothing is stored, any worker of any node takes it, also
 * after a restart, and only this server can make one.
 */
#ifndef PANGOLIN_PLAN_TOKEN_H
#define PANGOLIN_PLAN_TOKEN_H

#include "base/uuid.h"
#include "http/request.h"
#include "plugin/store.h"

#define PLAN_LIFE_S 3600

enum plan_token_kind { PLAN_ID, PLAN_TASK };

struct plan_token {
	struct id plan;
	int64_t expires_s;            /* UTC */
	struct str metadata_location; /* ptr NULL: a plan-id and no more */
	struct str request;           /* JSON, PlanTableScanRequest */
	size_t from, to;              /* of a PLAN_TASK: its range */
};

/* The table of a token: as the branch shows it, and no other of its name. */
struct plan_owner {
	int64_t branch;
	struct id table;
};

struct str plan_token_write(const struct request *, enum plan_token_kind,
    struct plan_owner, const struct plan_token *);

/* ERR_NO_SUCH_PLAN_ID, ERR_NO_SUCH_PLAN_TASK: not ours, of another table, or
 * too old. */
MUST_CHECK enum err plan_token_read(struct request *, enum plan_token_kind,
    struct plan_owner, struct str text, struct plan_token *ret);

/* The failure of a token that is not, or no longer, good. */
enum err plan_token_unknown(struct request *, enum plan_token_kind);

#endif
