/* value.h - builds and reads the values of a row. */
#ifndef PANGOLIN_VALUE_H
#define PANGOLIN_VALUE_H

#include "plugin/store.h"

static inline struct value
value_null(void)
{
	return (struct value){ .type = VALUE_NULL };
}

static inline struct value
value_int(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .as.i = i };
}

/* A str whose ptr is NULL becomes NULL. */
static inline struct value
value_text(struct str s)
{
	if (s.ptr == NULL)
		return value_null();
	return (struct value){ .type = VALUE_TEXT, .as.s = s };
}

static inline struct value
value_bytes(struct str s)
{
	return (struct value){ .type = VALUE_BYTES, .as.s = s };
}

static inline struct value
value_id(struct id id)
{
	return (struct value){ .type = VALUE_ID, .as.id = id };
}

/* The nil id becomes NULL. */
static inline struct value
value_id_or_null(struct id id)
{
	return id_is_nil(id) ? value_null() : value_id(id);
}

/* The content of a value; what NULL reads as is said by the name. */
static inline int64_t
value_int_or(struct value v, int64_t otherwise)
{
	return v.type == VALUE_INT ? v.as.i : otherwise;
}

static inline struct str
value_str_or_absent(struct value v)
{
	if (v.type == VALUE_TEXT || v.type == VALUE_BYTES)
		return v.as.s;
	return (struct str){ 0 };
}

static inline struct id
value_id_or_nil(struct value v)
{
	return v.type == VALUE_ID ? v.as.id : (struct id){ 0 };
}

#define FIELD_BIT(field) ((uint64_t)1 << (field))
#define FIELDS_ALL(count) (((uint64_t)1 << (count)) - 1)

#endif
