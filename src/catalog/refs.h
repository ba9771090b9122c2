/*
 * refs.h - branches and tags, and the positions and chains they stand for.
 *
 * A branch is a log of its own; a key that it has not written shows from its
 * parent, as it was at the fork.  A tag names a position and has no log.  The
 * parent of a fork is the branch that holds the commit, so a position never
 * lies below the fork of its own branch, and chains need no smallest bound.
 * ref_insert() and ref_update() write in a unit of control_apply(); a fork's
 * expects a live parent, whose horizon is not above the position.
 */
#ifndef PANGOLIN_REFS_H
#define PANGOLIN_REFS_H

#include "catalog/catalogs.h"

#define REF_NAME_MAX 128
#define CHAIN_LINKS_MAX 16 /* of any chain; those longer than 8 are folded */
#define SEQ_HEAD INT64_MAX /* in a point: the head, which moves */
enum branch_type { BRANCH_INGEST = 1, BRANCH_EXPERIMENTAL = 2 }; /* stored */

struct ref {
	int64_t id; /* the number of its log; never used again */
	struct id catalog;
	struct str name; /* of a deleted ref: its last name */
	enum ref_kind kind;
	enum ref_state state;
	struct point forked;   /* the fork, or a tag's target; branch 0: none */
	struct point parent;   /* the next link to read, which a fold moves */
	struct id fork_commit; /* newest commit at the fork; nil: none */
	int64_t fork_us;       /* its time */
	int64_t horizon;       /* positions below it have been pruned */
	bool is_protected;
	enum branch_type type;
	bool is_partial; /* it shows its position 0 and no parent */
	int64_t created_us;
	struct id created_by; /* nil: the principal that made the catalog */
};

/* 1 to 128 of A-Z a-z 0-9 . _ -, the first a letter or digit, neither like a
 * UUID nor like a date: ERR_BAD_REQUEST. */
MUST_CHECK enum err ref_name_check(struct str name, struct error *);

/* The live branch or tag of a name; NULL, or ERR_NO_SUCH_REF: there is none. */
MUST_CHECK enum err ref_find(struct call *, const struct catalog *,
    struct str name, const struct ref **ret);
MUST_CHECK enum err ref_get(
    struct call *, const struct catalog *, struct str name, struct ref *ret);
/* Of a number, also a deleted one.  ERR_NO_SUCH_REF: the catalog has none. */
MUST_CHECK enum err ref_get_by_id(
    struct call *, const struct catalog *, int64_t id, struct ref *ret);

struct ref_list {
	struct ref *at;
	size_t count;
	bool more; /* there are more */
};
/* Lists live refs of a kind by name; limit 0: as many as an answer may have. */
MUST_CHECK enum err refs_list(struct call *, const struct catalog *,
    enum ref_kind, int64_t limit, int64_t offset, struct ref_list *ret);

/* Lists all refs of a catalog, deleted ones too. */
MUST_CHECK enum err refs_all(
    struct call *, const struct catalog *, struct ref_list *ret);

/* Inserts a row.  The unit fails when the name is taken. */
void ref_insert(struct batch *, const struct catalog *, const struct ref *);
/* Updates the fields of a row that update_set() sets; a new name is given here
 * (ptr NULL: it stays), and REF_STATE by ref_delete(), which frees the name. */
struct update ref_update(
    struct batch *, const struct ref *, struct str new_name, struct test);
void ref_delete(struct batch *, const struct ref *, struct test);

/* "[ref][~commit|~instant]" */
struct ref_spec {
	struct str ref; /* len 0: the catalog's branch main */
	enum { SPEC_HEAD, SPEC_COMMIT, SPEC_INSTANT } at;
	struct id commit;
	int64_t at_us;
};

/* ERR_BAD_REQUEST. */
MUST_CHECK enum err ref_spec_parse(
    struct str, struct ref_spec *ret, struct error *);

struct position {
	struct ref ref;     /* the ref that was named */
	struct point point; /* the point to read: seq SEQ_HEAD */
	bool writable;      /* the head of a branch, protected or not */
};

/* ERR_NO_SUCH_REF: it is not there, or lies below the horizon. */
MUST_CHECK enum err ref_resolve(struct call *, const struct catalog *,
    const struct ref_spec *, struct position *ret);
/* Of any commit of the catalog, also on a deleted branch. */
MUST_CHECK enum err commit_position(
    struct call *, const struct catalog *, struct id commit, struct point *ret);
MUST_CHECK enum err position_is_kept(
    struct call *, const struct catalog *, struct point);
/* Of the newest commit up to a point that is no younger than the instant;
 * before the branch had any commit it is the parent's. */
MUST_CHECK enum err instant_position(struct call *, const struct catalog *,
    struct point upto, int64_t at_us, struct point *ret);

/* The newest commit that a point shows, on the branch that holds it: a fork
 * goes there.  A catalog without commits: the nil id, seq 0 of main. */
struct commit_mark {
	struct point point;
	struct id id;
	int64_t at_us;
};
MUST_CHECK enum err point_commit(struct call *, const struct catalog *,
    struct point, struct commit_mark *ret);

/* The chain that a point reads: itself, then the links behind it. */
MUST_CHECK enum err chain_of(
    struct call *, const struct catalog *, struct point, struct chain *ret);
MUST_CHECK enum err chain_of_position(struct call *, const struct catalog *,
    const struct position *, struct chain *ret);

#endif
