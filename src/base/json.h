/*
 * json.h - JSON by yyjson, with its memory in an arena.
 *
 * Values, iteration and numbers are yyjson's own (yyjson.h is the reference);
 * this adds what the house needs: nothing is ever freed, an error says where it
 * is, nesting is bounded, and numbers stay exact: what fits neither 64 bits nor
 * a double keeps its text (raw).
 */
#ifndef PANGOLIN_JSON_H
#define PANGOLIN_JSON_H

#include <yyjson.h>

#include "base/arena.h"
#include "base/error.h"

#define JSON_DEPTH_MAX 100

/* Bytes of a text that a row of the store, or each copy of a table's metadata
 * will carry: more is no property.  Name mappings and schemas that engines put
 * into properties stay far below. */
#define JSON_TEXT_MAX (1 << 20)

/* One JSON value, UTF-8 checked, or ERR_BAD_REQUEST with line and column, or
 * what arena_check() says when it is too large for the arena.
 * Keys and strings are borrowed from the arena, not from `text`. */
MUST_CHECK enum err json_parse(
    struct arena *, struct str text, yyjson_val **ret, struct error *);

/* The same as a value of a document, to be changed and written again as it was:
 * a number that would be written in another way ("2.50", "1e3") keeps its text
 * (raw), too.  What was read for it is given back. */
MUST_CHECK enum err json_parse_copy(struct arena *, struct str text,
    yyjson_mut_doc *to, yyjson_mut_val **ret, struct error *);

/* An empty document whose values live in the arena. */
yyjson_mut_doc *json_new(struct arena *);

/* Compact text of a value; ptr is NULL beyond the arena's ceiling. */
struct str json_text(struct arena *, const yyjson_val *);
struct str json_mut_text(struct arena *, const yyjson_mut_val *);

/* The value of a string; ptr is NULL when `v` is NULL or not a string. */
struct str json_str(const yyjson_val *v);
struct str json_mut_str(const yyjson_mut_val *v);

/* A member of an object; NULL when there is none or `v` is not an object. */
yyjson_val *json_member(const yyjson_val *v, struct str key);

/* A string value of a document, borrowed: `s` must outlive the document. */
yyjson_mut_val *json_of(yyjson_mut_doc *, struct str s);

/* Canonical text of string -> string pairs: {"a":"1","b":"2"}. */
struct pair {
	struct str name, value;
};
struct pairs {
	struct pair *at;
	size_t count;
};

struct str json_of_pairs(struct arena *, struct pairs);
MUST_CHECK enum err json_to_pairs(
    struct arena *, struct str text, struct pairs *ret, struct error *);

/* The same names and values in the same order. */
bool pairs_eq(struct pairs, struct pairs);

/* The value of a name; ptr is NULL when there is none. */
struct str pairs_find(struct pairs, struct str name);

#endif
