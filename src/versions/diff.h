/*
 * diff.h - the difference of two states of a catalog.
 *
 * Only changes on the links that the two states do not share are read, so the
 * cost is that of the changes.  A page goes on where the last ended and
 * remembers nothing: each key has one place where it is listed.
 */
#ifndef PANGOLIN_DIFF_H
#define PANGOLIN_DIFF_H

#include "catalog/refs.h"

#define DIFF_PAGE 100 /* when nobody says */
#define DIFF_PAGE_MAX 1000

/* Two states, and how far they have been compared.  Both chains are pinned:
 * pages show what was there when the first was asked for. */
struct diff {
	struct chain from, to;
	size_t segment; /* that is next */
	int64_t seq;    /* -1: from its beginning */
	size_t skip;    /* versions of that commit */
	bool ended;
};

MUST_CHECK enum err diff_begin(struct call *, const struct catalog *,
    struct point from, struct point to, struct diff *ret);

/* As text for a token, and back: false for what is none. */
struct str diff_write(struct arena *, const struct diff *);
bool diff_read(struct arena *, struct str, struct diff *ret);

struct difference {
	struct version from, to; /* one of them is live, or both are */
};

struct differences {
	struct difference *at;
	size_t count;
};

/* Up to `limit` more; io->ended tells whether there may be others. */
MUST_CHECK enum err diff_next(
    struct call *, struct diff *io, int64_t limit, struct differences *ret);

/* The words for what has changed in a table, view or namespace that is live on
 * both sides. */
struct diff_words {
	struct str *at;
	size_t count;
};
MUST_CHECK enum err diff_explain(
    struct call *, const struct difference *, struct diff_words *ret);

#endif
