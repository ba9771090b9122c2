/*
 * updates_fixture.h - commits on the metadata of tests/data, one table row
 * each.
 */
#ifndef PANGOLIN_UPDATES_FIXTURE_H
#define PANGOLIN_UPDATES_FIXTURE_H

#include "iceberg/metadata_check.h"
#include "iceberg/updates.h"
#include "tests/unit/metadata_fixture.h"

/* Snapshot ids of tests/data. */
#define SNAP_A "9223372036854775801"
#define SNAP_B "9223372036854775802"
#define SNAP_C "9223372036854775807"

#define SUMMARY "'manifest-list':'l','summary':{'operation':'append'}"

static inline enum err
apply(struct metadata *m, const char *updates, struct update_result *ret)
{
	struct update_context context = { .now_ms = NOW_MS,
		.base_file = STR(BASE_FILE),
		.uuid = STR(FRESH_UUID) };

	return updates_apply(m, json(updates), &context, ret, &error);
}

struct commit_case {
	int version; /* of the base in tests/data */
	const char *updates;
	enum err code;
	const char *says;   /* the message begins so; or the text has this; or
			       NULL: nothing changed */
	const char *says_2; /* and this; or NULL */
	const char *lacks;  /* but not this; or NULL */
};

static inline void
check_changed(const struct commit_case *c, const struct metadata *m)
{
	struct str text = metadata_text(m);
	struct metadata again;

	assert_contains(text, c->says);
	if (c->says_2 != NULL)
		assert_contains(text, c->says_2);
	if (c->lacks != NULL && contains(text, quoted(c->lacks).ptr))
		fail_msg("%s is in " STR_FMT, c->lacks, STR_ARG(text));
	assert_contains(text, "'last-updated-ms':1700000100000");
	if (metadata_parse(arena, text, &again, &error) != OK ||
	    metadata_check_all(&again, &error) != OK)
		fail_msg("%s after %s", error.message, c->updates);
}

static inline void
check_commit(const struct commit_case *c)
{
	struct metadata m = data_metadata(c->version);
	struct str before = metadata_text(&m);
	struct update_result result = { 0 };
	enum err err = apply(&m, c->updates, &result);

	if (c->code != OK) {
		assert_fails(err, c->code, c->says);
		return;
	}
	if (err != OK)
		fail_msg("%s: %s", c->updates, error.message);
	if (result.changed != (c->says != NULL))
		fail_msg("changed is %d: %s", result.changed, c->updates);
	if (c->says == NULL)
		assert_str(metadata_text(&m), before);
	else
		check_changed(c, &m);
}

#define CHECK_COMMITS(cases)                                                   \
	for (size_t i_ = 0; i_ < sizeof(cases) / sizeof((cases)[0]); i_++)     \
	check_commit(&(cases)[i_])

#endif
