/* evaluate_fixture.h - filters, values and bounds as text. */
#ifndef PANGOLIN_EVALUATE_FIXTURE_H
#define PANGOLIN_EVALUATE_FIXTURE_H

#include <math.h>

#include "iceberg/evaluate.h"
#include "tests/unit/expression_fixture.h"
#include "tests/unit/work_fixture.h"

#define CMP(type, term, value)                                                 \
	"{'type':'" type "','term':" term ",'value':" value "}"
#define IN(type, term, values)                                                 \
	"{'type':'" type "','term':" term ",'values':[" values "]}"
#define TEST_OF(type, term) "{'type':'" type "','term':" term "}"
#define BOTH(type, left, right)                                                \
	"{'type':'" type "','left':" left ",'right':" right "}"
#define TERM(transform, name)                                                  \
	"{'type':'transform','transform':'" transform "','term':'" name "'}"

#define NONE MATCHES_NONE
#define SOME MATCHES_SOME
#define ALL MATCHES_ALL

static inline const struct type *
type_of(const char *text)
{
	struct type *type = ARENA_NEW(arena, struct type, 1);

	if (!type_parse(str_from(text), type))
		fail_msg("no type %s", text);
	return type;
}

/* A value in JSON; "nan" and "null" besides. */
static inline struct literal
literal_of(const struct type *type, const char *text)
{
	struct literal l = { .state = LITERAL_NULL, .kind = type->kind };

	if (strcmp(text, "nan") == 0) {
		l.state = LITERAL_VALUE;
		l.as.d = NAN;
	} else if (strcmp(text, "null") != 0 &&
		   !literal_from_json(arena, type, json(text), &l)) {
		fail_msg("%s is no %s", text, type_name(type->kind));
	}
	return l;
}

/* The bytes of a bound; NULL gives none. */
static inline struct str
bound(const struct type *type, const char *text)
{
	if (text == NULL)
		return (struct str){ 0 };

	struct literal l = literal_of(type, text);
	char *bytes = arena_alloc(arena, 1, 16);
	size_t len = type->kind == TYPE_INT || type->kind == TYPE_DATE ||
			     type->kind == TYPE_FLOAT
			 ? 4
			 : 8;
	float f = (float)l.as.d;

	if (type->kind == TYPE_STRING || type->kind == TYPE_BINARY)
		return l.as.s;
	if (type->kind == TYPE_DECIMAL)
		return (struct str){ bytes, decimal_to_bytes(l.as.n, bytes) };
	if (type->kind == TYPE_FLOAT)
		memcpy(bytes, &f, sizeof(f));
	else
		memcpy(bytes, &l.as, len);
	return (struct str){ bytes, len };
}

static inline void
must_match(const char *what, enum match got, enum match want)
{
	static const char *const names[] = { "none", "some", "all" };

	if (got != want)
		fail_msg("%s: got %s, want %s", what, names[got], names[want]);
}

#endif
