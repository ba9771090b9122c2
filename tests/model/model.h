/*
 * model.h - a catalog's history twice: in a store, and as copies of everything.
 *
 * The naive side has no chains, no tombstones and no shortcuts: each commit
 * holds the whole state behind it.  Whatever is asked of both must be equal.
 */
#ifndef PANGOLIN_MODEL_H
#define PANGOLIN_MODEL_H

#include "base/clock.h"
#include "catalog/branch.h"
#include "versions/branches.h"

#define KEYS 8
#define BRANCHES_LIVE 12 /* then the next is deleted */
#define TAGS 4
#define NAME_ROOM 24

/* What each key shows: a number that no other version has; 0: nothing. */
struct state {
	int value[KEYS];
};

struct naive_commit {
	struct id id;
	int64_t at_us;
	struct state state;
	bool touched[KEYS];
};

/* A position: so many of a branch's commits. */
struct naive_point {
	int branch, count;
};

struct naive_branch {
	char name[NAME_ROOM];
	int64_t log;
	bool live, is_partial;
	struct naive_point fork; /* branch -1: none */
	struct state base;       /* before its first commit */
	struct naive_commit *own;
	int count, room;
	int64_t created_us;
};

struct naive_tag {
	char name[NAME_ROOM];
	bool live;
	struct naive_point at;
};

struct model {
	struct call call;
	struct error error;
	struct catalog catalog;
	struct naive_branch *branch; /* deleted ones too */
	int branches, branch_room;
	struct naive_tag tag[TAGS];
	uint64_t random;
	int numbers; /* of versions, branches and tags so far */
	long checks;
};

extern struct model m;

unsigned draw(unsigned n);
#define STOP(...) stop(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void stop(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The call went well. */
#define GOOD(expr)                                                             \
	do {                                                                   \
		if ((expr) != OK)                                              \
			STOP("%s: %s", #expr, m.error.message);                \
	} while (0)
#define EQUAL(a, b)                                                            \
	do {                                                                   \
		long long one_ = (long long)(a), other_ = (long long)(b);      \
		m.checks++;                                                    \
		if (one_ != other_)                                            \
			STOP("%s is %lld, not %lld", #a, one_, other_);        \
	} while (0)

/* ---- naive.c */
const struct state *state_at(struct naive_point);
const struct naive_commit *commit_at(struct naive_point); /* NULL: none */
struct naive_point head_of(int branch);
/* The newest commit that a point shows; without any: count 0. */
struct naive_point newest_of(struct naive_point);
struct naive_point before(struct naive_point); /* branch -1: the end */
struct naive_point point_at_instant(struct naive_point, int64_t at_us);
int live_branch(void);
struct naive_point random_ancestor(struct naive_point);
void add_commit(int branch, const struct naive_commit *);
int add_branch(const struct naive_branch *);

/* An address, and what it shows. */
struct address {
	struct str text;
	struct naive_point at;
};
struct address random_address(void);

/* ---- steps.c: one random change of both sides */
void begin(struct call *, int run);
void step(void);

/* ---- checks.c: what is asked of both */
struct key key_of(int k);
int number_of(const struct version *); /* 0: it shows nothing */
void check_state(struct str address, const struct state *);
void check_some(void);
void check_all(void);

#endif
