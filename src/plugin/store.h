/*
 * store.h - the contract between the catalog and a storage plugin.
 *
 * RECORDS have no history (users, warehouses, refs): they are rows of the
 * entities that the host hands to migrate() and open().  LOGS have: a branch
 * is a log of commits at positions 1, 2, 3 ..., and the state of a key is its
 * newest version on the branch, else on the next link of its chain.  Position
 * 0 is the branch's base image.
 *
 * The plugin promises, for every call:
 *   - OK on a write: durable, and seen by every later call on every node;
 *   - any other code: nothing has changed and ret_* is untouched, except that
 *     ERR_COMMIT_UNKNOWN means: submit the same units again until they are
 *     decided; APPLIED and ALREADY both say "it happened, once";
 *   - positions are dense, and no version is seen before all those at lower
 *     positions: a read at a position answers the same until prune();
 *   - text is compared by memcmp; never normalised, folded or trimmed;
 *   - ERR_UNAVAILABLE when the engine cannot be asked now, ERR_SLOW_DOWN when
 *     nothing was started before the deadline, ERR_BAD_REQUEST for arguments
 *     that break a promise of the host: no other codes but those named below.
 * The host promises: text is UTF-8 without NUL; keys are at most 1,024 bytes
 * and hold no byte below 0x20, save the 0x1F between namespace levels.
 * Any thread may call at any time.  Arguments are borrowed for the call;
 * results are allocated in the caller's arena.
 * Use the store_*() wrappers of store_call.h, not the members.
 */
#ifndef PANGOLIN_STORE_H
#define PANGOLIN_STORE_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/uuid.h"
#include "plugin/plugin.h"

/* ---- the shape of records: a row has one value per field of its entity */
enum value_type { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BYTES, VALUE_ID };

struct value {
	enum value_type type;
	union {
		int64_t i;    /* bool, enum; time is microseconds UTC */
		struct str s; /* TEXT and BYTES; maps are JSON text */
		struct id id;
	} as;
};

struct field {
	const char *name; /* [a-z][a-z0-9_]*, unique in its entity */
	enum value_type type;
	uint16_t since; /* schema version that brought it; may be NULL then */
};

/* Rows are ordered by the index's fields, NULL first, then by the key. */
struct index {
	const char *name; /* unique over all entities */
	bool unique;      /* rows with a NULL among the fields are exempt */
	uint16_t since;
	uint16_t field[4];
	uint16_t field_count;
};

struct entity {
	const char *name;
	const struct field *fields; /* the first key_count are the key */
	const struct index *indexes;
	uint16_t field_count, key_count, index_count;
	uint16_t since;
};

#define ENTITY_FIELDS_MAX 64 /* bits of write.set */
#define INDEX_KEY UINT16_MAX /* scan by the key itself */

struct schema {
	const struct entity *entities; /* refs and commits come first */
	uint16_t count;
	uint16_t version; /* the highest `since` */
};

/* Two entities are known to the plugin too: apply() reads one, fills one.
 * In `commits` the host may put rows of branch 0, which has no log: their ids
 * are taken, and a unit that comes with one of them is VERDICT_ALREADY. */
enum { ENTITY_REFS, ENTITY_COMMITS, ENTITY_FIRST_FREE };

enum ref_field {
	REF_ID,          /* INT, key: the branch's number, never used again */
	REF_CATALOG,     /* ID */
	REF_NAME,        /* TEXT */
	REF_KIND,        /* INT: enum ref_kind */
	REF_STATE,       /* INT: enum ref_state */
	REF_FORKED_FROM, /* INT: the branch it was forked from, for ever */
	REF_FORKED_SEQ,  /* INT */
	REF_PARENT,      /* INT: the next link of the chain; a fold moves it */
	REF_PARENT_SEQ,  /* INT */
	REF_FORK_COMMIT, /* ID: parent of its first commit; NULL: none */
	REF_FORK_US,     /* INT: time of that commit; NULL: none */
	REF_HORIZON,     /* INT: what is below has been pruned */
	REF_PROTECTED,   /* INT: 0, REF_CLOSED; 1 of old closes nothing */
	REF_FIELDS
};
enum ref_kind { REF_BRANCH = 1, REF_TAG = 2, REF_CONTROL = 3 };
enum ref_state { REF_LIVE = 1, REF_DELETED = 2 };
#define REF_CLOSED 2 /* to units that are no merges */

enum commit_field {
	COMMIT_BRANCH,        /* INT, key */
	COMMIT_SEQ,           /* INT, key */
	COMMIT_ID,            /* ID, unique */
	COMMIT_PARENT,        /* ID; NULL: the first of all */
	COMMIT_MERGED_BRANCH, /* INT: second parent; NULL: none */
	COMMIT_MERGED_SEQ,    /* INT */
	COMMIT_AUTHOR,        /* TEXT */
	COMMIT_MESSAGE,       /* TEXT */
	COMMIT_AT_US,         /* INT: rises along the branch */
	COMMIT_HASH,          /* BYTES: unit.request_hash; NULL: none */
	COMMIT_FIELDS
};

/* ---- calls */
struct store;
struct usage;

struct call {
	struct store *store;
	struct arena *arena; /* where results go; nothing is ever freed */
	struct error *error;
	int64_t deadline_us; /* clock_mono_us(); covers pool, lock, server */
	bool nowait;         /* answer ERR_WOULD_BLOCK rather than wait */
	struct usage *usage; /* the host's, see usage.h; NULL: none */
	const char *request; /* its id, for the log; NULL: none */
};

struct rows {
	const struct value **row; /* get(): NULL where there is none */
	size_t count;
	struct str next; /* token of the next page; ptr NULL: this is the end */
};

enum test_op {
	TEST_EQ, /* NULL equals NULL */
	TEST_NE,
	TEST_LT, /* these four are false when either side is NULL */
	TEST_LE,
	TEST_GT,
	TEST_GE,
	TEST_PREFIX, /* of TEXT */
	TEST_ABSENT  /* there is no such row; no field, alone in its list */
};

struct test {
	uint16_t field;
	enum test_op op;
	struct value value;
};

struct scan { /* the rows that pass all tests, in the order of an index */
	uint16_t entity, index;
	bool descending;
	uint32_t limit, skip; /* limit >= 1; skip: only for offset= */
	const struct test *where;
	size_t where_count;
	struct str after; /* rows.next of the page before; ptr NULL: first */
};

enum write_op {
	WRITE_PUT,    /* insert, or set the fields of `set` */
	WRITE_ADD,    /* add to INT fields of a row that is there, or the unit
		       * fails; NULL counts as 0, overflow is INVALID */
	WRITE_DELETE, /* by key; no row is no failure, whatever `when` says */
	WRITE_PURGE,  /* the first `limit` rows by key that pass `when` */
	WRITE_TEST    /* nothing but `when` */
};

struct write {
	uint16_t entity;
	enum write_op op;
	uint32_t limit;          /* PURGE */
	const struct value *row; /* its key, and the fields in `set` */
	uint64_t set;            /* bit per field; others keep their value */
	const struct test *when; /* of the stored row, or the unit fails */
	size_t when_count;
};

/* ---- logs */
struct point {
	int64_t branch, seq;
};

struct chain { /* child first; each link is read at its position */
	const struct point *link;
	size_t count;
};

enum space { SPACE_NAMESPACE, SPACE_RELATION /* table, view, asset */ };

struct key {
	enum space space;
	struct str ns;   /* SPACE_NAMESPACE: of its parent, levels by 0x1F */
	struct str name; /* one level, never empty */
};

struct version {
	struct key key;
	struct point at;     /* where it is stored; set by the store */
	struct point origin; /* where it was made: kept by merge and fold;
			      * {0, 0} in a put means: here */
	int kind;            /* 0: there never was such a key */
	bool deleted;
	struct id object; /* kept by rename, drop, merge */
	struct str location, body;
};

struct versions {
	const struct version *at;
	size_t count;
	bool more; /* go on behind the last: list(), a link is at its limit */
};

enum expect_op {
	EXPECT_SEQ,  /* the branch's own newest version is `seq`; 0: none */
	EXPECT_LIVE, /* that, or an own newest version that is not deleted */
	EXPECT_EMPTY /* key.ns: no own live version this unit leaves there */
};

struct expect {
	enum expect_op op;
	struct key key;
	int64_t seq;
};

enum verdict {
	VERDICT_NONE,
	VERDICT_APPLIED,
	VERDICT_ALREADY,   /* a commit of this id is in the log */
	VERDICT_CONFLICT,  /* an expectation, a test or a unique index */
	VERDICT_GONE,      /* the branch is not live */
	VERDICT_PROTECTED, /* REF_CLOSED, and it is no merge */
	VERDICT_INVALID    /* the engine refuses this unit's data: NUL, no
			    * UTF-8, a key too long, one key put twice */
};

struct unit {
	struct id id; /* the commit's: applied at most once, ever.  A unit
		       * without puts makes no commit and leaves no id. */
	struct str author, message;
	struct str request_hash;      /* ptr NULL: none */
	struct point merged;          /* second parent, or {0, 0} */
	bool is_merge;                /* a protected branch takes it */
	const struct expect *expects; /* tested under the branch's lock */
	const struct version *puts;
	const struct write *writes; /* records that go with it */
	size_t expect_count, put_count, write_count;
	/* from here on written by apply() */
	enum verdict verdict;
	size_t failed;         /* CONFLICT: index in expects, then writes;
				* EMPTY is judged behind SEQ and LIVE */
	int64_t seq;           /* APPLIED, ALREADY: the commit's position;
				* 0: it made none */
	struct str first_hash; /* ALREADY: the request_hash of then */
};

/* A part of one log, as a copy of it has it. */
struct history {
	const struct value *const *commits; /* rows of ENTITY_COMMITS */
	const struct version *versions;     /* with `at` and `origin` */
	size_t commit_count, version_count;
};

/* ---- what the host observes of a running store, beside its answers */

/* The connections of this process, counted in memory of the host. */
struct pool_counts {
	/* now */
	_Atomic int64_t most; /* there may be */
	_Atomic int64_t lent, idle;
	_Atomic int64_t waiting; /* calls that want one */
	/* ever */
	_Atomic int64_t opened, closed;
	_Atomic int64_t failed; /* could not be opened, or broke */
	_Atomic int64_t waits, wait_us;
	_Atomic int64_t timeouts; /* waits that ended without one */
};

/* A statement that took long.  Its texts hold names of the schema and words of
 * the engine, never a value of the call. */
struct slow_statement {
	struct str name;     /* "scan users where username" */
	int64_t duration_us; /* without the wait for a connection */
	int64_t rows;        /* read or written */
	struct str plan;     /* lines; ptr NULL: not wanted, or there is none */
	/* The largest table the plan reads from end to end to find some rows;
	 * ptr NULL: none, or no plan was wanted. */
	struct str whole;
	int64_t whole_rows; /* about */
};

struct store_watch {
	const int64_t *slow_us; /* may change; 0: nothing is slow */
	struct pool_counts *pool;
	/* Whether the plan is wanted with the next slow statement. */
	bool (*wants_plan)(const struct store_watch *, struct str name);
	void (*tell)(const struct store_watch *, const struct call *,
	    const struct slow_statement *);
};

struct store_stats {
	int64_t latency_us; /* of the ping itself */
};

struct store_ops {
	/* Makes or widens what is stored to the shape of `schema`; safe to
	 * repeat, and to run twice at once.  A store newer than `schema` is
	 * refused with both versions in the message. */
	enum err (*migrate)(const struct plugin_settings *,
	    const struct schema *, struct error *);
	/* `schema` stays until close().  Refused before migrate(). */
	enum err (*open)(const struct plugin_settings *, const struct schema *,
	    struct store **ret, struct error *);
	void (*close)(struct store *);
	enum err (*ping)(struct call *, struct store_stats *ret);

	/* Rows by key, in the order asked: one round trip.  A key is an array
	 * of the entity's key fields. */
	enum err (*get)(struct call *, uint16_t entity,
	    const struct value *const *keys, size_t count, struct rows *ret);
	/* One page.  A token that is not of this scan: ERR_BAD_REQUEST. */
	enum err (*scan)(struct call *, const struct scan *, struct rows *ret);
	/* All rows that pass: limit, skip and after do not count. */
	enum err (*count)(struct call *, const struct scan *, int64_t *ret);
	/* Ancestry in one round trip: the first row of the scan, then the one
	 * that the `parent` field of the last names, up to the limit.  The
	 * scan is by the key or a unique index, of one field; skip and after
	 * do not count, rows.next stays absent. */
	enum err (*walk)(struct call *, const struct scan *, uint16_t parent,
	    struct rows *ret);

	/* The only write.  Judges each unit by itself, in order, its writes
	 * too: one that a test or a unique index fails, be it by a row of a
	 * unit before it, leaves nothing behind and the others as they are.
	 * OK: all have a verdict.  Units share no key, and no row but what
	 * they only test.  Branch 0: records only.  A write of a branch's
	 * REF_STATE or REF_PROTECTED is a barrier: units of that branch are
	 * seen before it, or are judged by it. */
	enum err (*apply)(
	    struct call *, int64_t branch, struct unit *, size_t count);
	/* The last position of each log (0: none): all a cache must know. */
	enum err (*heads)(struct call *, struct point *io, size_t count);
	/* ret[i] is what the chain shows of keys[i]; kind 0: nothing. */
	enum err (*read)(struct call *, struct chain, const struct key *keys,
	    size_t count, struct version *ret);
	/* Of each link up to `limit` versions of one space and ns whose name
	 * is behind after.name (empty: from the first); tombstones too. */
	enum err (*list)(struct call *, struct chain, struct key after,
	    uint32_t limit, struct versions *ret);
	/* Versions made above a position (-1: the base image too), up to
	 * another, in log order: whole commits, so the first of them may
	 * exceed the limit. */
	enum err (*changes)(struct call *, struct point above, int64_t upto,
	    uint32_t limit, struct versions *ret);
	/* Copies inside the store what `chain` shows, tombstones too, to
	 * position 0 of `to`, by order of keys (space, ns, name): up to
	 * `limit` of those behind *io_after, which becomes the last of them.
	 * Begin with an empty name, go on until it is empty again.  What
	 * position 0 has already is kept, so a call may be made again. */
	enum err (*fold)(struct call *, struct chain, int64_t to,
	    struct key *io_after, uint32_t limit);
	/* Drops the versions below the last pin that none of them (ascending
	 * positions) sees; ret lists them, the newest of a key never among
	 * them.  Looks at whole commits above *io_above (-1: the base image
	 * too), about `limit` versions; go on while ret->more.  Behind
	 * ERR_COMMIT_UNKNOWN some may be gone that were not listed.  Without
	 * a pin all versions of the log go, whose commits stay. */
	enum err (*prune)(struct call *, struct point *io_above,
	    const int64_t *pins, size_t count, uint32_t limit,
	    struct versions *ret);
	/* Makes tombstones of the versions of one object, without object,
	 * location and body, where they are: no state shows it any more, nor
	 * what its keys showed before it.  A version that lives and is the
	 * newest of its key stays, unless `live` says that it goes too.  Looks
	 * at whole commits above *io_above (-1: the base image too), about
	 * `limit` versions; ret lists those that changed, as they were; go on
	 * while ret->more.  Behind ERR_COMMIT_UNKNOWN some may have changed
	 * that were not listed. */
	enum err (*erase)(struct call *, struct point *io_above,
	    struct id object, bool live, uint32_t limit, struct versions *ret);
	/* Puts commits and versions of a log back where they were: positions,
	 * ids, times and origins are as given.  What is there already is
	 * kept, so a call may be made again.  For a log that nobody uses
	 * before all of it is there: nothing else holds meanwhile. */
	enum err (*load)(struct call *, int64_t branch, const struct history *);
};

/* Each plugin embeds this as its first member. */
struct store {
	const struct store_ops *ops;
};

#endif
