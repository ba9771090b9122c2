/*
 * toml.h - a strict reader of TOML 1.0.0 (https://toml.io/en/v1.0.0).
 *
 * A document becomes a tree of nodes in an arena, in the order of the text;
 * every key and every value knows where it was written.  What the standard
 * does not allow is refused, and so is what C cannot hold: integers beyond
 * 64 bits, and nesting beyond TOML_DEPTH_MAX.
 */
#ifndef PANGOLIN_TOML_H
#define PANGOLIN_TOML_H

#include "base/arena.h"
#include "base/error.h"

#define TOML_DEPTH_MAX 100 /* tables and arrays inside one another */

enum toml_kind {
	TOML_TABLE,
	TOML_ARRAY,
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOL,
	TOML_DATE_TIME,       /* with an offset: 1979-05-27T07:32:00Z */
	TOML_LOCAL_DATE_TIME, /* 1979-05-27T07:32:00.5 */
	TOML_LOCAL_DATE,      /* 1979-05-27 */
	TOML_LOCAL_TIME,      /* 07:32:00 */
};

/* Counted from 1, columns in characters; 0, 0 when there was no text. */
struct toml_place {
	uint32_t line, column;
};

/* How a table or array came to be: decides what may still be added. */
enum toml_form {
	TOML_CLOSED,   /* { }, [ ]: complete as written */
	TOML_IMPLIED,  /* the `a` of [a.b] */
	TOML_HEADED,   /* [a], or an element of [[a]] */
	TOML_DOTTED,   /* the `a` of a.b = 1 */
	TOML_REPEATED, /* the array of [[a]] */
};

struct toml_node {
	struct toml_node *next; /* in the same table or array */
	struct str key;         /* absent in arrays, and at the root */
	struct toml_place key_at;
	struct toml_place at; /* the value; a table: its first mention */
	enum toml_kind kind;
	enum toml_form form;
	uint32_t depth; /* of tables and arrays around it */
	union {
		struct {
			struct toml_node *first, *last;
			size_t count;
		}; /* of tables and arrays */
		/* A string; a date or time, checked, in RFC 3339's form. */
		struct str text;
		int64_t integer;
		double number;
		bool boolean;
	};
};

/*
 * The root table of a document.  The tree lives in the arena and does not
 * point into `text`.  ERR_VALIDATION has the message "NAME:LINE:COLUMN:
 * sentence", where `name` is what to call the document, usually its file.
 */
MUST_CHECK enum err toml_parse(struct arena *, struct str name, struct str text,
    struct toml_node **ret, struct error *);

/* A member of a table, or NULL. */
struct toml_node *toml_find(const struct toml_node *table, struct str key);

/* "a string", "an integer", ...: for messages. */
const char *toml_kind_name(enum toml_kind);

#endif
