/*
 * sql.h - SQL text from the entity table, for every engine that speaks SQL.
 *
 * Names come from the schema and are quoted; values are only ever bound: a
 * statement is its text and the list of what goes into its placeholders.
 */
#ifndef PANGOLIN_SQL_H
#define PANGOLIN_SQL_H

#include "base/buf.h"
#include "plugin/store.h"

/* The dialect: words that engines spell differently. */
struct dialect {
	char placeholder;       /* before its number: ?1 or $1 */
	const char *type[5];    /* of a column, by enum value_type */
	const char *tail;       /* behind the ) of CREATE TABLE */
	const char *ascending;  /* the words that put NULL first .. */
	const char *descending; /* .. and, the other way round, last */
};

struct sql {
	const struct dialect *dialect;
	struct buf text;
	const struct value **bind;
	size_t bind_count, bind_room;
};

struct sql sql_in(struct arena *, const struct dialect *);

void sql_add(struct sql *, const char *text);
void sql_name(struct sql *, const char *name);
void sql_bind(struct sql *, const struct value *); /* borrowed */
void sql_bind_int(struct sql *, int64_t);
/* The direction of a field, in an index or behind ORDER BY; a key is never
 * NULL, and an engine may not see that the words change nothing then. */
void sql_order(
    struct sql *, const struct entity *, uint16_t field, bool descending);

/* schema.c: what an entity lacks in a store of version `from` (0: all of it),
 * one statement after the other, each handed to run(). */
typedef enum err sql_run(void *arg, struct str statement);

MUST_CHECK enum err sql_widen(const struct sql *empty, const struct entity *,
    int64_t from, sql_run *, void *arg);

/* select.c: all fields of the entity, in its order */
/* "SELECT of.a, of.b .." */
void sql_columns(struct sql *, const struct entity *, const char *of);
/* Behind `after`, a row of which the order's fields count; or NULL. */
void sql_scan(struct sql *, const struct entity *, const struct scan *,
    const struct value *after);
/* The first row of a scan, the row its `parent` names, and so on; the depth
 * comes behind the fields. */
void sql_walk(
    struct sql *, const struct entity *, const struct scan *, uint16_t parent);
void sql_count(struct sql *, const struct entity *, const struct scan *);
/* The key of the row, if it passes the tests. */
void sql_find(struct sql *, const struct entity *, const struct value *key,
    const struct test *, size_t count);
/* " WHERE ..." of a key and tests. */
void sql_where(struct sql *, const struct entity *, const struct value *key,
    const struct test *, size_t count);

/* write.c: PUT, ADD, DELETE and PURGE.  A row that does not pass `when` is
 * left alone: compare the number of rows changed with sql_must_change(). */
void sql_write(struct sql *, const struct entity *, const struct write *);
bool sql_must_change(const struct write *);

#endif
