/*
 * model.h - a catalog's history twice: in a store, and as copies of everything.
 *
 * The naive side has no chains, no tombstones and no shortcuts: each commit
 * holds the whole state behind it, and the set of all commits that led to it.
 * Whatever is asked of both must be equal.
 */
#ifndef PANGOLIN_MODEL_H
#define PANGOLIN_MODEL_H

#include <setjmp.h>

#include "base/clock.h"
#include "catalog/branch.h"
#include "versions/branches.h"
#include "versions/knowledge.h"

#define KEYS 8
#define NAMESPACES 2     /* the first of them */
#define RUN_STEPS 400    /* of one history */
#define BRANCHES_LIVE 12 /* then the next is deleted */
#define TAGS 4
#define OPENS 3
#define NAME_ROOM 24
#define SERIALS 1280 /* of commits and beginnings of branches */

/* Commits by their serials. */
struct known {
	uint64_t bits[SERIALS / 64];
};

/* What each key shows: a number that no other version has (0: nothing), of an
 * object, made by the commit of a serial.  A key that never was: all 0. */
struct state {
	int value[KEYS];
	int made[KEYS];
	struct id object[KEYS]; /* of what was dropped too */
	bool moved[KEYS];       /* it was not dropped, but has left this name */
};

struct naive_commit {
	struct id id;
	int64_t at_us;
	struct state state;
	bool touched[KEYS];
	int serial;
	struct known known; /* itself too */
};

/* A position: so many of a branch's commits. */
struct naive_point {
	int branch, count;
};

struct naive_branch {
	char name[NAME_ROOM];
	int64_t log;
	bool live, is_partial;
	struct naive_point fork;  /* branch -1: none */
	struct naive_commit base; /* what is shown before its first commit */
	struct naive_commit *own;
	int count, room;
	int64_t created_us;
	int64_t horizon; /* what a prune has made of it */
};

struct naive_tag {
	char name[NAME_ROOM];
	bool live;
	struct naive_point at;
};

/* A merge operation that is neither completed nor aborted. */
struct naive_open {
	struct id id;
	int source, target;
};

enum says { SAYS_FAILURES, SAYS_NOTHING, SAYS_STEPS };

struct model {
	struct call call;
	struct error error;
	struct catalog catalog;
	struct naive_branch *branch; /* deleted ones too */
	int branches, branch_room;
	struct naive_tag tag[TAGS];
	struct naive_open open[OPENS];
	int opens;
	struct naive_point by_serial[SERIALS];
	int serials; /* so far; 0 is none */
	uint64_t random;
	int numbers; /* of versions, branches and tags so far */
	bool was_pruned;
	enum says says;
	int failed_at;   /* line of the check */
	jmp_buf *escape; /* of stop(); NULL: the program ends */
	const char *dir; /* where files of tables would be */
};

extern struct model m;

struct counts {
	long checks, merges, exact, conflicts, resolved, refused;
	long restored, undropped;
	long pruned, swept, folded, purged, reopened;
};
extern struct counts counts;

unsigned draw(unsigned n);
#define STOP(...) stop(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void stop(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A line about the step in progress, for the list of a failure. */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The call went well. */
#define GOOD(expr)                                                             \
	do {                                                                   \
		if ((expr) != OK)                                              \
			STOP("%s: %s", #expr, m.error.message);                \
	} while (0)
#define EQUAL(a, b)                                                            \
	do {                                                                   \
		long long one_ = (long long)(a), other_ = (long long)(b);      \
		counts.checks++;                                               \
		if (one_ != other_)                                            \
			STOP("%s is %lld, not %lld", #a, one_, other_);        \
	} while (0)

/* ---- naive.c */
const struct naive_commit *record_at(struct naive_point); /* or the base */
const struct state *state_at(struct naive_point);
const struct naive_commit *commit_at(struct naive_point); /* NULL: none */
struct naive_point head_of(int branch);
/* The newest commit that a point shows; without any: count 0. */
struct naive_point newest_of(struct naive_point);
struct naive_point before(struct naive_point); /* branch -1: the end */
struct naive_point point_at_instant(struct naive_point, int64_t at_us);
struct naive_point naive_point_of(struct point);
int live_branch(void);
struct naive_point random_ancestor(struct naive_point);
bool is_ancestor(struct naive_point of, struct naive_point);
bool is_kept(struct naive_point); /* no prune has gone beyond it */
/* Gives it the next serial, which it knows. */
void add_commit(int branch, struct naive_commit *);
int add_branch(struct naive_branch *);

static inline bool
has(const struct known *k, int serial)
{
	return (k->bits[serial / 64] >> (serial % 64) & 1) != 0;
}
bool knows_partial(const struct naive_commit *);
void learn(struct known *io, const struct known *of);
/* Whoever knows a state knows from now on what led to another. */
void learn_everywhere(int serial, const struct known *);

/* An address, and what it shows. */
struct address {
	struct str text;
	struct naive_point at;
	bool is_head; /* of a branch */
};
struct address random_address(void);

/* ---- writing.c: one commit on both sides */
struct branch open_branch(int branch);
/* Copies the newest commit of the branch, which must be new.  `expected`: what
 * it has to show; NULL: whatever is sound. */
void adopt_commit(int branch, const struct state *expected);
bool has_new_commit(int branch);
void write_some(void);
void write_on(int branch);
void undrop_something(void);
/* No object has two names, and all that lives does so in a live namespace. */
void check_sound(const struct state *);

/* ---- steps.c: one random change of both sides */
void begin(struct call *, int run);
void step(void);

/* ---- threeway.c: what a merge has to come to */
enum outcome { OUT_KEEP, OUT_SAME, OUT_TAKE, OUT_PUT, OUT_CONFLICT };
struct expectation {
	enum outcome at[KEYS];
	bool both[KEYS];
	struct state result; /* made -1: by the new commit */
	bool is_exact; /* else objects have other names, and results depend */
	bool has_one_name;  /* each object that is concerned */
	bool in_namespaces; /* a namespace has or loses too much */
	bool agrees;
	int conflicts, puts;
};
struct expectation expected_merge(
    struct naive_point source, struct naive_point target, bool only_there);
/* `from` has become `to`, and shall so on a branch. */
struct expectation expected_change(
    const struct state *from, const struct state *to, int branch, bool picks);
/* The same after conflicts were decided so. */
void expect_decision(struct expectation *, const struct state *source,
    const struct state *target, int key, bool takes_source);

/* ---- merging.c, restoring.c, pruning.c, purging.c */
void merge_something(void);
void complete_something(void);
bool has_open_merge(int branch);
void restore_something(void);
void prune_something(void);
void fold_something(void);
void purge_something(void);
struct work;
void run_task(enum err (*chunk)(struct work *), int64_t retention_us);

/* ---- checks.c: what is asked of both */
struct key key_of(int k);
int key_number(struct key);            /* -1: none of ours */
int number_of(const struct version *); /* 0: it shows nothing */
void check_state(struct str address, const struct state *);
void check_some(void);
void check_all(void);
void check_history_of_all(void); /* every commit of what lives */

/* ---- wrong.c: stores that break a rule; NULL: that is none */
const struct store_ops *wrong_ops(const struct store_ops *, const char *rule);

#endif
