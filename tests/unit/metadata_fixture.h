/*
 * metadata_fixture.h - table metadata for the tests of src/iceberg/.
 *
 * JSON in tests is written with ' for ", which no test needs otherwise.
 */
#ifndef PANGOLIN_METADATA_FIXTURE_H
#define PANGOLIN_METADATA_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "iceberg/metadata.h"
#include "tests/unit/unit.h"

#define NOW_MS 1700000100000 /* later than all of tests/data */
#define FRESH_UUID "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d"
#define BASE_FILE "s3://lake/sales/orders/metadata/00002-c.metadata.json"

static struct arena *arena;
static struct error error;

static inline int
open_arena(void **state)
{
	(void)state;
	arena = arena_new();
	error = (struct error){ 0 };
	return 0;
}

static inline int
close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, open_arena, close_arena)

static inline struct str
quoted(const char *text)
{
	struct str s = arena_copy(arena, str_from(text));

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\'')
			((char *)(uintptr_t)s.ptr)[i] = '"';
	return s;
}

static inline yyjson_val *
json(const char *text)
{
	yyjson_val *v = NULL;

	if (json_parse(arena, quoted(text), &v, &error) != OK)
		fail_msg("%s in %s", error.message, text);
	return v;
}

/* The same as a value that can be changed. */
static inline yyjson_mut_val *
mut_json(const char *text)
{
	return yyjson_val_mut_copy(json_new(arena), json(text));
}

static inline struct str
data_text(const char *name)
{
	char path[128], text[64 * 1024];

	(void)snprintf(path, sizeof(path), "tests/data/%s", name);

	FILE *f = fopen(path, "r");

	if (f == NULL)
		fail_msg("cannot open %s", path);

	size_t n = fread(text, 1, sizeof(text), f);

	(void)fclose(f);
	return arena_copy(arena, (struct str){ text, n });
}

static inline struct metadata
data_metadata(int version)
{
	struct metadata m = { 0 };
	char name[32];

	(void)snprintf(name, sizeof(name), "metadata-v%d.json", version);
	if (metadata_parse(arena, data_text(name), &m, &error) != OK)
		fail_msg("%s: %s", name, error.message);
	return m;
}

static inline bool
contains(struct str text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* `part` is written with ' for ". */
static inline void
assert_contains(struct str text, const char *part)
{
	if (!contains(text, quoted(part).ptr))
		fail_msg("no %s in " STR_FMT, part, STR_ARG(text));
}

/* The call failed with this code, and its message begins so. */
static inline void
assert_fails(enum err got, enum err want, const char *message)
{
	if (got != want || strncmp(error.message, message, strlen(message)))
		fail_msg("got %d \"%s\", want %d \"%s\"", (int)got,
		    got != OK ? error.message : "", (int)want, message);
}

#endif
