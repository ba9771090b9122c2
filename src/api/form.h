/*
 * form.h - forms: tables that describe request and reply bodies, field by
 * field.
 *
 * A form says which members a JSON object has and where each goes in a C
 * struct.  From it come decoding (with errors that name the field), encoding
 * and the schemas of /openapi.json.  The forms themselves are in forms_*.c.
 */
#ifndef PANGOLIN_FORM_H
#define PANGOLIN_FORM_H

#include "base/buf.h"
#include "base/json.h"
#include "base/uuid.h"

/* The type of a member, and the C type at its offset. */
enum form_type {
	FORM_TEXT,   /* struct str; ptr NULL: absent or null */
	FORM_SECRET, /* struct str; a text that no error or document shows */
	FORM_INT,    /* int64_t; FORM_NO_INT: absent or null */
	FORM_BOOL,   /* enum form_bool */
	FORM_ID,     /* struct id, nil: absent or null; text in JSON */
	FORM_TIME,   /* int64_t microseconds UTC, FORM_NO_INT; RFC 3339 */
	FORM_CHOICE, /* int: index into `choices`; -1: absent or null */
	FORM_TEXTS,  /* struct form_texts: an array of strings */
	FORM_PATHS,  /* struct form_paths: an array of arrays of strings */
	FORM_PAIRS,  /* struct pairs: an object of strings; at NULL: absent */
	FORM_JSON,   /* const yyjson_val *: anything, NULL: absent or null */
	FORM_RAW,    /* struct str: JSON text to encode; never decoded */
	FORM_OBJECT, /* the struct of `form`, in place; absent: all of it */
	FORM_LIST    /* struct form_list: an array of objects of `form` */
};

#define FORM_NO_INT INT64_MIN
enum form_bool { FORM_UNSET = -1, FORM_FALSE, FORM_TRUE };

struct form_texts {
	const struct str *at;
	size_t count;
};

struct form_paths {
	const struct form_texts *at;
	size_t count;
};

struct form_list {
	const void *at; /* array of the structs of the field's form */
	size_t count;
};

enum form_flags {
	FORM_REQUIRED = 1 << 0,   /* absent or null is an error; a list or
				   * map without any is written [] or {} */
	FORM_OMITTED = 1 << 1,    /* encode nothing, not null, when absent */
	FORM_NOT_EMPTY = 1 << 2,  /* "" and [] are errors too */
	FORM_JSON_ARRAY = 1 << 3, /* of FORM_JSON: no other value */
	FORM_JSON_OBJECT = 1 << 4
};

struct form_field {
	const char *name;  /* as in JSON */
	const char *alias; /* another spelling that is read; NULL: none */
	enum form_type type;
	unsigned flags; /* enum form_flags */
	size_t offset;
	const struct form *form;    /* OBJECT, LIST */
	const char *const *choices; /* CHOICE; NULL ends */
	const char *help;           /* one line, for the documents */
};

struct form {
	const char *name; /* "CreateTableRequest" */
	size_t size;      /* of the C struct */
	/* Unknown members: refused when strict (management API), ignored
	 * otherwise (Iceberg REST spec).  Strict forms answer 422 where the
	 * others answer 400, as the wire forms have it. */
	bool strict;
	const struct form_field *fields; /* a NULL name ends */
};

/*
 * Fills `ret` (form->size bytes) from a JSON object.  Absent members get their
 * absent value.  Errors: malformed JSON is ERR_BAD_REQUEST; a missing, unknown,
 * duplicate or wrongly typed member names its JSON pointer: "/schema/fields:
 * expected an array".  No text holds U+0000 afterwards, or is longer than
 * JSON_TEXT_MAX.
 */
MUST_CHECK enum err form_decode(const struct form *, struct arena *,
    struct str body, void *ret, struct error *);

/* The same, and the body itself, for what no form describes. */
MUST_CHECK enum err form_decode_json(const struct form *, struct arena *,
    struct str body, void *ret, yyjson_val **ret_json, struct error *);

/* The same from application/x-www-form-urlencoded pairs; TEXT and SECRET
 * only.  A name without a value is absent (RFC 6749, 3.2). */
MUST_CHECK enum err form_decode_pairs(const struct form *, struct arena *,
    struct str body, void *ret, struct error *);

/* Appends the object, or an array of `count` of them.  Every member of the
 * struct must be set: to its value or to its absent value. */
void form_encode(const struct form *, const void *from, struct buf *);
void form_encode_list(
    const struct form *, const void *from, size_t count, struct buf *);

#endif
