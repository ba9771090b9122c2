/*
 * test_rights.c - packed grants answer as the rules do, grant by grant.
 *
 * Grants, places and names are drawn from few, so that they meet: levels that
 * begin alike ("a", "ab"), levels with dots, several catalogs.
 */
#include "identity/rights.h"
#include "tests/unit/unit.h"

#define QUESTIONS 100000
#define GRANTS 12

static const struct str paths[] = { STR_INIT("a"),
	STR_INIT("a\x1f"
		 "b"),
	STR_INIT("a\x1f"
		 "b\x1f"
		 "c"),
	STR_INIT("ab"), STR_INIT("a.b"),
	STR_INIT("a\x1f"
		 "b.c"),
	STR_INIT("a!"), STR_INIT("b") };
#define PATHS (sizeof(paths) / sizeof(paths[0]))

static const struct str names[] = { STR_INIT("main"), STR_INIT("dev"),
	STR_INIT("dev-1"), STR_INIT("prod") };
static const struct str patterns[] = { STR_INIT("main"), STR_INIT("dev*"),
	STR_INIT("*"), STR_INIT("*-1"), STR_INIT("p*d") };

static uint64_t seed = 1;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static struct id
id_of(unsigned n)
{
	return (struct id){ { (uint8_t)(n + 1), 7 } };
}

static const struct str tags[] = { STR_INIT("pii"), STR_INIT("pi"),
	STR_INIT("public"), STR_INIT("gone") };
#define TAGS 4

static struct tagged tagged_at[4];
static struct str tags_of[4][2];

/* Two tags at most for each of four objects, the last of which nothing has. */
static struct tagged_set
any_tags(void)
{
	for (unsigned i = 0; i < 4; i++) {
		for (unsigned k = 0; k < 2; k++)
			tags_of[i][k] = tags[draw(TAGS - 1)];
		tagged_at[i] = (struct tagged){ .catalog = id_of(draw(2)),
			.object = id_of(10 + i),
			.ns = paths[draw(PATHS)],
			.tags = tags_of[i],
			.tag_count = draw(3) };
	}
	return (struct tagged_set){ tagged_at, 4 };
}

static void
add_tags(struct grant_target *io)
{
	for (unsigned i = 0; i < 4; i++)
		if (id_eq(tagged_at[i].object, io->object) &&
		    id_eq(tagged_at[i].catalog, io->catalog)) {
			io->tags = tagged_at[i].tags;
			io->tag_count = tagged_at[i].tag_count;
		}
}

static struct grant
any_grant(void)
{
	struct grant g = { .scope = (enum grant_scope)draw(GRANT_SCOPES),
		.actions = 1u << draw(GRANT_ACTIONS) };

	if (g.scope != GRANT_IN_TENANT && g.scope != GRANT_ON_TAG) {
		g.catalog = id_of(draw(2));
		if (draw(3) == 0) {
			g.refs = &patterns[draw(5)];
			g.ref_count = 1;
		}
	}
	if (g.scope == GRANT_IN_NAMESPACE || g.scope == GRANT_ON_ASSET)
		g.ns = paths[draw(PATHS)];
	if (g.scope == GRANT_ON_ASSET)
		g.asset = id_of(10 + draw(4));
	/* one for the whole tenant would answer everything */
	if (g.scope == GRANT_IN_TENANT && draw(8) != 0)
		g.scope = GRANT_ON_TAG;
	if (g.scope == GRANT_ON_TAG)
		g.tag = tags[draw(TAGS)];
	return g;
}

static struct grant_target
any_target(void)
{
	struct grant_target t = { .catalog = id_of(draw(3)) };

	if (draw(4) != 0)
		t.ref = names[draw(4)];
	if (draw(4) != 0)
		t.ns = paths[draw(PATHS)];
	if (t.ns.len != 0 && draw(2) != 0)
		t.object = id_of(10 + draw(4));
	add_tags(&t);
	return t;
}

static bool
is_below(struct str ns, const struct grant_target *t)
{
	return t->ns.len == 0 ||
	       (str_starts_with(ns, t->ns) &&
		   (ns.len == t->ns.len || ns.ptr[t->ns.len] == '\x1f'));
}

/* What a grant lists was in the namespace when it was granted, or tagged. */
static bool
shows_tagged(const struct grant *g, const struct grant_target *t)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct grant_target there = { .catalog =
							tagged_at[i].catalog,
			.tags = tagged_at[i].tags,
			.tag_count = tagged_at[i].tag_count };

		if (id_eq(there.catalog, t->catalog) &&
		    grant_covers(g, &there) && is_below(tagged_at[i].ns, t))
			return true;
	}
	return false;
}

/* By the rules: something at or below the place may be listed. */
static bool
is_seen(struct grants grants, const struct grant_target *t)
{
	struct grant_target below = *t;

	if ((grants_allow(grants, t) & GRANT_LIST) != 0)
		return true;
	for (size_t i = 0; i < grants.count; i++) {
		const struct grant *g = &grants.at[i];

		below.ns = g->ns;
		below.object = g->asset;
		if ((grant_implied(g->actions) & GRANT_LIST) == 0)
			continue;
		if (g->scope == GRANT_ON_TAG
			? shows_tagged(g, t)
			: grant_covers(g, &below) && is_below(g->ns, t))
			return true;
	}
	return false;
}

static void
answers_as_the_rules_do(void **state)
{
	struct grant at[GRANTS];
	long allowed = 0, seen = 0;

	(void)state;
	for (int i = 0; i < QUESTIONS / 100; i++) {
		struct grants grants = { at, draw(GRANTS + 1) };
		struct arena *a = arena_new();
		struct str packed;

		for (size_t k = 0; k < grants.count; k++)
			at[k] = any_grant();
		packed = rights_pack(a, grants_of_tags(a, grants, any_tags()));
		for (int k = 0; k < 100; k++) {
			struct grant_target t = any_target();
			unsigned rules = grants_allow(grants, &t);

			assert_int_equal(rights_allow(packed, &t), rules);
			allowed += rules != 0;
			t.object = (struct id){ { 0 } };
			t.tag_count = 0;
			assert_int_equal(
			    rights_see(packed, &t), is_seen(grants, &t));
			seen += rights_see(packed, &t);
		}
		arena_free(a);
	}
	assert_in_range(allowed, QUESTIONS / 10, QUESTIONS * 9 / 10);
	assert_in_range(seen, QUESTIONS / 10, QUESTIONS * 9 / 10);
}

static void
keeps_grants_as_text(void **state)
{
	struct arena *a = arena_new();
	struct error error = { 0 };
	struct call call = { .arena = a, .error = &error };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct grant g = any_grant();
		struct grants read;
		struct str text = grants_text(a, (struct grants){ &g, 1 });

		assert_int_equal(grants_parse(&call, text, &read), OK);
		assert_int_equal(read.count, 1);
		assert_str(grants_text(a, read), text);
		assert_int_equal(read.at[0].actions, g.actions);
	}
	arena_free(a);
}

static void
matches_patterns(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "dev", "dev", true },
		{ "dev", "dev1", false },
		{ "dev*", "dev", true },
		{ "dev*", "dev-1", true },
		{ "*dev", "my-dev", true },
		{ "*dev", "dev1", false },
		{ "a*b*c", "aXbXbc", true },
		{ "a*b*c", "acb", false },
		{ "*", "", true },
		{ "**", "x", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (ref_pattern_matches(str_from(cases[i].pattern),
			str_from(cases[i].name)) != cases[i].matches)
			fail_msg("row %zu", i);
}

static void
implies_as_the_wire_says(void **state)
{
	(void)state;
	assert_int_equal(grant_implied(GRANT_READ), GRANT_READ | GRANT_LIST);
	assert_int_equal(grant_implied(GRANT_WRITE),
	    GRANT_READ | GRANT_WRITE | GRANT_DELETE | GRANT_CREATE |
		GRANT_UPDATE | GRANT_LIST);
	assert_int_equal(grant_implied(GRANT_ALL), GRANT_EVERYTHING);
	assert_int_equal(grant_implied(GRANT_DELETE), GRANT_DELETE);
	assert_int_equal(grant_implied(GRANT_CREATE), GRANT_CREATE);
}

/* A path may not be longer than its room in a question. */
static void
sees_nothing_at_a_path_that_is_too_long(void **state)
{
	struct arena *a = arena_new();
	struct grant g = { .scope = GRANT_IN_NAMESPACE,
		.catalog = id_of(0),
		.ns = paths[0],
		.actions = GRANT_ALL };
	static char path[4096];
	struct grant_target t = { .catalog = id_of(0),
		.ns = { path, sizeof(path) } };
	struct str packed = rights_pack(a, (struct grants){ &g, 1 });

	(void)state;
	memset(path, 'a', sizeof(path));
	path[1] = '\x1f';
	assert_int_equal(rights_allow(packed, &t), 0);
	assert_false(rights_see(packed, &t));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_the_rules_do),
		cmocka_unit_test(keeps_grants_as_text),
		cmocka_unit_test(matches_patterns),
		cmocka_unit_test(implies_as_the_wire_says),
		cmocka_unit_test(sees_nothing_at_a_path_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
