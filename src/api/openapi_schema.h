/*
 * openapi_schema.h - writes forms as JSON Schema (2020-12), and the JSON around
 * them.
 *
 * The writers put a comma in front of every member but the first.
 */
#ifndef PANGOLIN_OPENAPI_SCHEMA_H
#define PANGOLIN_OPENAPI_SCHEMA_H

#include "api/form.h"

/* "name": and what is to follow; name NULL: an element of an array. */
void doc_name(struct buf *, const char *name);
void doc_text(struct buf *, const char *name, const char *value);
void doc_open(struct buf *, const char *name, char bracket);
void doc_close(struct buf *, char bracket);

/* "$ref" to a component: ("schemas", "UserInfo"). */
void doc_ref(struct buf *, const char *kind, const char *name);

/* Forms, each once. */
#define FORM_SET_MAX 128
struct form_set {
	const struct form *at[FORM_SET_MAX];
	size_t count;
};

/* A form, and those of its members; NULL adds none. */
void form_set_add(struct form_set *, const struct form *);

/* "UserInfo": {...} */
void schema_of_form(struct buf *, const struct form *);

#endif
