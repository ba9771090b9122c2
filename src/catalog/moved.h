/*
 * moved.h - marks the tombstone of a name that its object has left for another
 * name: a rename, or a namespace that was moved.
 *
 * The object was not dropped, so nothing of the old name can come back.  Its
 * new name alone does not tell: a prune forgets where the object went, and a
 * merge may bring both names one after the other.
 */
#ifndef PANGOLIN_MOVED_H
#define PANGOLIN_MOVED_H

#include "plugin/store.h"

#define BODY_MOVED STR("moved")

static inline void
version_move_away(struct version *io)
{
	io->deleted = true;
	io->body = BODY_MOVED;
}

static inline bool
version_has_moved(const struct version *v)
{
	return v->deleted && str_eq(v->body, BODY_MOVED);
}

/* Whether a tombstone says of another that its object was not dropped. */
static inline bool
version_tells_move(const struct version *v, const struct version *other)
{
	return version_has_moved(v) && other->deleted &&
	       !version_has_moved(other) && id_eq(v->object, other->object);
}

#endif
