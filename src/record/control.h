/*
 * control.h - the logs of what decides who may do what, and where.
 *
 * Each tenant has one, of kind REF_CONTROL, and the system has one for root
 * users and the tenants themselves.  Whoever writes such a thing names it on
 * its log, in the same unit: changes() then tells every node what to forget.
 * The number of a log follows from the tenant's id, and the first write makes
 * it, so a store from before there were such logs needs nothing done to it.
 */
#ifndef PANGOLIN_CONTROL_H
#define PANGOLIN_CONTROL_H

#include "record/batch.h"

/* What is on these logs, and how each is named there. */
enum thing {
	THING_TENANT,       /* id; on the system's log */
	THING_TENANT_NAME,  /* the same by its name */
	THING_USER,         /* id; of root: on the system's log */
	THING_SERVICE_USER, /* id */
	THING_WAREHOUSE,    /* name */
	THING_CATALOG,      /* name */
	THING_TOKEN         /* id; named when it ends only */
};

/* The tenant's log; nil: the system's. */
int64_t control_log(struct id tenant);

/* This unit writes the thing: who has kept it must forget it. */
void control_name(struct batch *, enum thing, struct str name);
void control_name_id(struct batch *, enum thing, struct id);

/* As batch_apply() does, on the log of the tenant; never VERDICT_GONE. */
MUST_CHECK enum err control_apply(
    struct batch *, struct id tenant, enum verdict *ret, size_t *ret_failed);

/* A thing as it is found: by its name, or by its id (name.ptr NULL). */
struct thing_ref {
	enum thing thing;
	struct id tenant; /* on whose log it is; nil: the system's */
	struct id id;
	struct str name;
};

/* Its row in the store; NULL: there is none.  A user's or a service user's
 * may be of another tenant: look. */
MUST_CHECK enum err control_read(
    struct call *, const struct thing_ref *, const struct value **ret);

/* How it is named on the log, and how many fields its row has. */
struct key control_key(struct arena *, const struct thing_ref *);
size_t control_fields(enum thing);

#endif
