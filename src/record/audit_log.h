/*
 * audit_log.h - reads the audit log, newest first.
 *
 * Filters are tests beside an index: one by user or by thing reads no rows of
 * others, any other reads those of its time and tenant.
 */
#ifndef PANGOLIN_AUDIT_LOG_H
#define PANGOLIN_AUDIT_LOG_H

#include "record/audit.h"

struct audit_entry {
	struct id id, tenant, user, thing; /* nil: none */
	struct str username, name, address, agent, error, metadata;
	int64_t action, resource; /* of a newer release: any number */
	enum audit_result result;
	int64_t at_us;
};

struct audit_filter {
	struct id tenant; /* nil: all of them */
	struct id user, thing;
	enum audit_action action;     /* 0: any */
	enum audit_resource resource; /* 0: any */
	int result;                   /* enum audit_result; 0: both */
	int64_t since_us, until_us;   /* 0: no bound */
	struct str after;             /* `next` of the page before, of the same
				       * filter; ptr NULL: the first page */
};

struct audit_entries {
	struct audit_entry *at;
	size_t count;
	struct str next; /* ptr NULL: that is all */
};

/* Both may read many that do not pass: ERR_WOULD_BLOCK on the event loop. */
MUST_CHECK enum err audit_list(struct call *, const struct audit_filter *,
    int64_t limit, int64_t offset, struct audit_entries *ret);
MUST_CHECK enum err audit_count(
    struct call *, const struct audit_filter *, int64_t *ret);

/* ERR_NOT_FOUND, also for another tenant's; tenant nil: of all. */
MUST_CHECK enum err audit_get(
    struct call *, struct id tenant, struct id id, struct audit_entry *ret);

#endif
