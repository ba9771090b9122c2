/*
 * grants.h - grants: the actions that a role or a principal may do in a scope.
 *
 * There is nothing but permission: no grant takes away what another gives.
 * Rules and words are those of the management API; a scope may be narrowed to
 * branches and tags whose names match a pattern.
 */
#ifndef PANGOLIN_GRANTS_H
#define PANGOLIN_GRANTS_H

#include "base/uuid.h"
#include "plugin/store.h"

/* A bit for each action.  Stored as words. */
enum grant_action {
	GRANT_READ = 1 << 0,  /* implies list */
	GRANT_WRITE = 1 << 1, /* implies read, update, delete, create, list */
	GRANT_DELETE = 1 << 2,
	GRANT_CREATE = 1 << 3,
	GRANT_UPDATE = 1 << 4,
	GRANT_LIST = 1 << 5,
	GRANT_ALL = 1 << 6, /* implies all others */
	GRANT_INGEST_BRANCHING = 1 << 7,
	GRANT_EXPERIMENTAL_BRANCHING = 1 << 8,
	GRANT_MANAGE_DISCOVERY = 1 << 9,
	GRANT_EVERYTHING = (1 << 10) - 1
};

#define GRANT_ACTIONS 10

/* The word of a bit, and back; 0: there is no such action. */
struct str grant_action_word(enum grant_action);
unsigned grant_action_parse(struct str word);

/* The actions and all that they imply. */
unsigned grant_implied(unsigned actions);

/* Stored as words, in this order. */
enum grant_scope {
	GRANT_IN_TENANT,
	GRANT_IN_CATALOG,
	GRANT_IN_NAMESPACE, /* and in all below it */
	GRANT_ON_ASSET,     /* a table or view, under whatever name */
	GRANT_ON_TAG,       /* assets that have a tag */
	GRANT_SCOPES
};

extern const char *const grant_scope_words[GRANT_SCOPES + 1];

#define GRANT_REFS_MAX 16
#define GRANT_REF_BYTES_MAX 128
#define GRANT_TAG_BYTES_MAX 255
#define GRANTS_OF_ROLE_MAX 1000

struct grant {
	enum grant_scope scope;
	struct id catalog; /* nil where the scope has none */
	struct str ns;     /* a path (catalog/names.h), as above */
	struct id asset;   /* the table's or view's uuid */
	struct str tag;
	const struct str *refs; /* patterns, '*' is any text; none: all */
	size_t ref_count;
	unsigned actions; /* as given, not what they imply */
};

struct grants {
	struct grant *at;
	size_t count;
};

/* Whether the pattern is well-formed, and whether it matches a name. */
bool ref_pattern_is_valid(struct str pattern);
bool ref_pattern_matches(struct str pattern, struct str name);

/* A place that is asked about.  In a tenant: nil; in a catalog: without ns; in
 * a namespace: without object. */
struct grant_target {
	struct id catalog;
	struct str ref; /* name of the branch or tag; ptr NULL: of any */
	struct str ns;
	struct id object;       /* nil: none is known */
	const struct str *tags; /* of the object */
	size_t tag_count;
};

/* Whether the scope of a grant covers a target. */
bool grant_covers(const struct grant *, const struct grant_target *);

/* The actions that these grants allow there, with those they imply: the rules
 * themselves, at the cost of all grants.  See rights.h for requests. */
unsigned grants_allow(struct grants, const struct grant_target *);

/* An object that has tags, and where it was when they were written. */
struct tagged {
	struct id catalog, object;
	struct str ns;
	const struct str *tags;
	size_t tag_count;
};

struct tagged_set {
	struct tagged *at;
	size_t count;
};

bool grants_name_tags(struct grants);

/* The same with grants on the objects that those on tags cover. */
struct grants grants_of_tags(struct arena *, struct grants, struct tagged_set);

/* As rows have them: JSON. */
struct str grants_text(struct arena *, struct grants);
MUST_CHECK enum err grants_parse(
    struct call *, struct str text, struct grants *ret);

#endif
