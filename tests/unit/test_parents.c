/*
 * test_parents.c - nothing is made in what is being deleted, renamed or moved,
 * and no two tenants get one place: each pair of operations races, in both
 * orders, on both stores.
 *
 * What decides, pair by pair:
 *
 *   in a tenant: user, service user,      a child moves the tenant's revision
 *     warehouse, catalog                  and the deletion expects it unmoved
 *   in a tenant: task                     expects the tenant; is no child that
 *                                         a deletion waits for
 *   of a user: session                    none: a token without its user is
 *                                         good for nothing, its row expires
 *   in a warehouse: catalog               moves the warehouse's revision; who
 *                                         deletes, renames or moves it expects
 *                                         it unmoved
 *   at a place: warehouse,                the revision of all places
 *     allowed location
 *   in a catalog: namespace, table        its branch is live: VERDICT_GONE
 *   in a namespace: namespace,            the child expects the parent live,
 *     table, view                         the drop expects it EMPTY
 *   in a directory: table, view           location_claims.h
 */
#include "catalog/config_mask.h"
#include "catalog/sealing.h"
#include "tests/unit/parents_fixture.h"

/* ---- one of the two is refused, whoever is first */
typedef enum err act(void);

static const struct {
	act *before, *first, *second;
	enum err refused_second, refused_first;
} pairs[] = {
	{ nothing, make_user, delete_tenant, ERR_CONFLICT, ERR_BAD_REQUEST },
	{ nothing, make_service_user, delete_tenant, ERR_CONFLICT,
	    ERR_NOT_FOUND },
	{ nothing, make_warehouse, delete_tenant, ERR_CONFLICT, ERR_NOT_FOUND },
	{ nothing, make_catalog, delete_tenant, ERR_CONFLICT, ERR_BAD_REQUEST },
	{ make_warehouse, use_warehouse, delete_warehouse, ERR_CONFLICT,
	    ERR_BAD_REQUEST },
	{ make_warehouse, use_warehouse, rename_warehouse, ERR_CONFLICT,
	    ERR_BAD_REQUEST },
	{ nothing, make_warehouse, take_the_place, ERR_BAD_REQUEST,
	    ERR_BAD_REQUEST },
	{ make_mine, allow_the_place, take_the_place, ERR_BAD_REQUEST,
	    ERR_BAD_REQUEST },
	{ make_mine, move_to_the_place, take_the_place, ERR_BAD_REQUEST,
	    ERR_BAD_REQUEST },
	/* whatever is in a catalog goes with it */
	{ make_catalog_in_warehouse, make_namespace, delete_catalog, OK,
	    ERR_NO_SUCH_WAREHOUSE },
	{ make_namespace_in_catalog, make_child, drop_namespace,
	    ERR_NAMESPACE_NOT_EMPTY, ERR_NO_SUCH_NAMESPACE },
	{ make_namespace_in_catalog, make_table, drop_namespace,
	    ERR_NAMESPACE_NOT_EMPTY, ERR_NO_SUCH_NAMESPACE },
};

static act *rival;

static void
rival_wins(void)
{
	assert_ok(rival());
}

static void
race_pair(void **state, size_t i, bool swapped)
{
	act *winner = swapped ? pairs[i].second : pairs[i].first;
	act *loser = swapped ? pairs[i].first : pairs[i].second;
	enum err refused =
	    swapped ? pairs[i].refused_first : pairs[i].refused_second;
	enum err err;

	(void)begin(state);
	assert_ok(pairs[i].before());
	rival = winner;
	race(call.store, rival_wins);
	err = loser();
	if (err != refused)
		fail_msg("pair %zu%s: %d, %s", i, swapped ? ", swapped" : "",
		    (int)err, err != OK ? error.message : "both went through");
	(void)close_named(state);
}

static void
lets_one_of_two_through(void **state)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		race_pair(state, i, false);
		race_pair(state, i, true);
	}
}

/* ---- catalogs and the place of their warehouse */
static void
check_place_of(const char *catalog, const char *at)
{
	struct catalog got;

	assert_ok(catalogs_get(&call, acme, str_from(catalog), &got));
	assert_str(got.location,
	    arena_printf(call.arena, "file://%s/%s/%s", scratch, at, catalog));
}

static void
keeps_a_warehouse_where_a_new_catalog_is(void **state)
{
	(void)begin(state);
	assert_ok(make_warehouse());
	rival = use_warehouse;
	race(call.store, rival_wins);
	assert_fails(move_warehouse(), ERR_CONFLICT,
	    "Warehouse 'wh' cannot move: catalog 'sales' uses it");
	check_place_of("sales", "a");
	(void)close_named(state);
}

static void
makes_a_catalog_where_its_warehouse_is_by_then(void **state)
{
	(void)begin(state);
	assert_ok(make_warehouse());
	rival = move_warehouse;
	race(call.store, rival_wins);
	assert_ok(use_warehouse());
	check_place_of("sales", "elsewhere");
	(void)close_named(state);
}

static void
keeps_a_warehouse_that_a_catalog_comes_to_use(void **state)
{
	(void)begin(state);
	assert_ok(make_warehouse());
	assert_ok(make_catalog());
	rival = come_to_use_warehouse;
	race(call.store, rival_wins);
	assert_fails(delete_warehouse(), ERR_CONFLICT,
	    "Warehouse 'wh' cannot be deleted: catalog 'alone' uses it");
	(void)close_named(state);
}

/* ---- the rest */
static void
makes_no_task_in_a_tenant_that_is_gone(void **state)
{
	(void)begin(state);
	rival = delete_tenant;
	race(call.store, rival_wins);
	assert_fails(submit_task(), ERR_NOT_FOUND, "Tenant not found");
	(void)close_named(state);
}

static enum err
set_secret(void)
{
	struct pair config[] = { place("root", "a"),
		{ STR("s3.secret"), STR("new") } };
	const struct warehouse_change change = {
		.storage_config = { config, 2 }, .use_sts = -1
	};
	struct warehouse made;

	return warehouses_update(&call, NULL, acme, STR("wh"), &change, &made);
}

/* A mask that comes back means what is stored when it is written. */
static void
keeps_a_secret_that_has_just_been_set(void **state)
{
	struct pair config[] = { { 0 }, { STR("s3.secret"), STR("********") } };
	const struct warehouse_change change = {
		.storage_config = { config, 2 }, .use_sts = -1
	};
	struct warehouse made;
	struct pairs stored;

	(void)begin(state);
	assert_ok(sealing_set_keys(
	    STR("a key of more than thirty-two letters"), call.error));
	assert_ok(make_warehouse());
	config[0] = place("root", "a");
	rival = set_secret;
	race(call.store, rival_wins);
	assert_ok(
	    warehouses_update(&call, NULL, acme, STR("wh"), &change, &made));

	const struct config_of of = { call.arena, call.error, made.id,
		"storage_config" };

	assert_ok(config_open(&of, made.row_config, &stored));
	assert_str(pairs_find(stored, STR("s3.secret")), STR("new"));
	(void)close_named(state);
}

/* A warehouse of a release that knew no revisions: its row is its claim. */
static void
sees_places_of_older_warehouses(void **state)
{
	struct warehouse old = {
		.id = id_v7(), .tenant = acme, .name = STR("old")
	};
	struct batch b;
	struct value read;
	enum verdict verdict;
	size_t failed;

	(void)begin(state);
	b = batch_of(&call);
	old.tenant = acme;
	old.root = place("root", "a").value;
	warehouse_put(&b, &old);
	assert_ok(control_apply(&b, acme, &verdict, &failed));
	assert_ok(revision_read(&call, STR("warehouse places"), &read));
	assert_int_equal(read.type, VALUE_NULL);
	assert_fails(take_the_place(), ERR_BAD_REQUEST,
	    "storage_config/root: the place is taken");
	assert_ok(warehouses_delete(&call, acme, STR("old")));
	assert_ok(take_the_place());
	(void)close_named(state);
}

/* clang-format off */
#define ON_EACH(f) \
	{ #f " on memory", f, NULL, NULL, (void *)"memory" }, \
	{ #f " on sqlite", f, NULL, NULL, (void *)"sqlite" }
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH(lets_one_of_two_through),
		ON_EACH(keeps_a_warehouse_where_a_new_catalog_is),
		ON_EACH(makes_a_catalog_where_its_warehouse_is_by_then),
		ON_EACH(keeps_a_warehouse_that_a_catalog_comes_to_use),
		ON_EACH(makes_no_task_in_a_tenant_that_is_gone),
		ON_EACH(keeps_a_secret_that_has_just_been_set),
		ON_EACH(sees_places_of_older_warehouses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
