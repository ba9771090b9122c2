/*
 * control.h - control logs: the logs that tell every node's caches which users,
 * tenants, warehouses, catalogs and refs have changed.
 *
 * Each tenant has one, of kind REF_CONTROL, and the system has one for root
 * users and the tenants themselves.  A unit that writes such a record also
 * names it on its log: changes() then tells every node what to evict.  The
 * number of a log follows from the tenant's id, and the first write makes it,
 * so a store from before there were such logs needs no migration.
 */
#ifndef PANGOLIN_CONTROL_H
#define PANGOLIN_CONTROL_H

#include "record/batch.h"

/* The kinds of records on these logs, and how each is named there. */
enum control_kind {
	CONTROL_TENANT,       /* id; on the system's log */
	CONTROL_TENANT_NAME,  /* the same by its name */
	CONTROL_USER,         /* id; of root: on the system's log */
	CONTROL_SERVICE_USER, /* id */
	CONTROL_WAREHOUSE,    /* name */
	CONTROL_CATALOG,      /* name */
	CONTROL_TOKEN,        /* id; named when it ends only */
	CONTROL_REF,          /* a live one: its catalog's id, and its name */
	CONTROL_REF_NUMBER,   /* any: its number */
	CONTROL_ROLE,         /* id */
	CONTROL_RIGHTS,       /* id of the principal whose grants or roles
			       * change, or of the object whose tags do: no
			       * record of its own */
	CONTROL_SECRET        /* name; of what is no secret: caches have it */
};

/* The tenant's log; nil: the system's. */
int64_t control_log(struct id tenant);

/* Names a record that this unit writes: caches must evict it. */
void control_name(struct batch *, enum control_kind, struct str name);
void control_name_id(struct batch *, enum control_kind, struct id);

/* As batch_apply() does, on the log of the tenant; never VERDICT_GONE. */
MUST_CHECK enum err control_apply(
    struct batch *, struct id tenant, enum verdict *ret, size_t *ret_failed);

/* The same for a branch or tag, by its name (ptr NULL: it has none) and by
 * its number. */
void control_name_ref(
    struct batch *, struct id catalog, struct str name, int64_t number);

/* The number of the branch or tag that a version of a control log names; false:
 * it names something else. */
bool control_ref_number(const struct version *, int64_t *ret);

/* How a record is found: by its name, or by its id (name.ptr NULL). */
struct control_ref {
	enum control_kind kind;
	struct id tenant; /* the log's tenant; nil: the system's log */
	struct id id;     /* CONTROL_REF: of its catalog */
	struct str name;
	int64_t number; /* CONTROL_REF_NUMBER alone */
};

/* Its row in the store; NULL: there is none.  A user's or a service user's may
 * be of another tenant: the caller checks. */
MUST_CHECK enum err control_read(
    struct call *, const struct control_ref *, const struct value **ret);

/* The name of a record on the log, and the number of fields of its row. */
struct key control_key(struct arena *, const struct control_ref *);
size_t control_fields(enum control_kind);

#endif
