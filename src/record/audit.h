/*
 * audit.h - the audit log: who did what to which thing, from where, and with
 * what result.
 *
 * A change of a record puts its row into its own unit, so that there is no deed
 * without a row and no row without its deed.
 */
#ifndef PANGOLIN_AUDIT_H
#define PANGOLIN_AUDIT_H

#include "record/batch.h"

enum audit_action {
	DEED_NONE, /* of a route: it is not on record */
#define X(name, word, resource) name,
#include "record/audit_actions.def"
#undef X
	DEED_ACTION_COUNT
};

/* The numbers are stored: new ones go to the end. */
enum audit_resource {
	RESOURCE_NONE,
	RESOURCE_CATALOG,
	RESOURCE_NAMESPACE,
	RESOURCE_TABLE,
	RESOURCE_VIEW,
	RESOURCE_BRANCH,
	RESOURCE_TAG,
	RESOURCE_USER,
	RESOURCE_SERVICE_USER,
	RESOURCE_PERMISSION,
	RESOURCE_ROLE,
	RESOURCE_FEDERATED_CATALOG,
	RESOURCE_WAREHOUSE,
	RESOURCE_TENANT,
	RESOURCE_MERGE_OPERATION,
	RESOURCE_CONFLICT,
	RESOURCE_ACCESS_REQUEST,
	RESOURCE_METADATA,
	RESOURCE_TOKEN,
	RESOURCE_COMMIT,
	RESOURCE_TASK,
	RESOURCE_CACHE,
	RESOURCE_COUNT
};

enum audit_result { DEED_SUCCEEDED = 1, DEED_FAILED };

#define AUDIT_ADDRESS_MAX 64 /* bytes of texts of a row */
#define AUDIT_AGENT_MAX 256
#define AUDIT_NAME_MAX 1024
#define AUDIT_ERROR_MAX 1024

/* The deed that a request is about to do; the usage of its calls has it. */
struct deed {
	enum audit_action action;  /* of its route */
	struct id user;            /* nil: nobody had to sign in, or somebody is
				    * about to */
	struct str username;       /* ptr NULL: somebody signs in */
	struct str address, agent; /* ptr NULL: not known */
	bool is_on_record;         /* a unit with its row was applied */
};

/* Somebody signs in by this request: the deed is theirs. */
void audit_signed_in(const struct call *, struct id user, struct str username);

/* Adds the row of the deed that the batch's request does, if it does one, as
 * the last write before the batch is applied.  The tenant is that of the thing;
 * nil: only root sees the row.  A deed of several units is on record once. */
void audit_add(
    struct batch *, struct id tenant, struct id thing, struct str name);

/* The same of another action than that of the route. */
void audit_add_as(struct batch *, enum audit_action, struct id tenant,
    struct id thing, struct str name);

/* Puts a deed that changes no record into a unit of its own. */
MUST_CHECK enum err audit_write(
    struct call *, struct id tenant, struct str name);

/* The words of the wire; NULL for a number of a newer release. */
const char *audit_action_word(int64_t);
const char *audit_resource_word(int64_t);
bool audit_action_parse(struct str, enum audit_action *ret);
bool audit_resource_parse(struct str, enum audit_resource *ret);
enum audit_resource audit_resource_of(enum audit_action);

/* Text of a client as a row may hold it: at most `most` bytes of UTF-8 without
 * control characters.  A text without ptr stays so. */
struct str audit_text(struct arena *, struct str, size_t most);
size_t audit_text_length(struct str, size_t most);
char audit_character(char, bool is_text /* UTF-8 */);

#endif
