/* test_updates.c - the table of updates, and what a commit does around them. */
#include "iceberg/member.h"
#include "tests/unit/updates_fixture.h"

static void
changes_nothing_without_updates(void **state)
{
	static const struct commit_case cases[] = {
		{ 2, "[]", OK, NULL, NULL, NULL },
		{ 2, "null", OK, NULL, NULL, NULL },
		{ 1, "[]", OK, NULL, NULL, NULL },
	};
	struct metadata m = data_metadata(2);
	struct update_context context = { .now_ms = NOW_MS };
	struct update_result result = { .changed = true };

	(void)state;
	CHECK_COMMITS(cases);
	assert_int_equal(
	    updates_apply(&m, NULL, &context, &result, &error), OK);
	assert_false(result.changed);
}

static void
refuses_what_is_no_update(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "{}", ERR_BAD_REQUEST,
		  "Field 'updates' must be an array", NULL, NULL },
		{ 2, "[3]", ERR_BAD_REQUEST,
		  "/updates/0: must be an object", NULL, NULL },
		{ 2, "[{}]", ERR_BAD_REQUEST,
		  "/updates/0/action: Missing required field 'action'", NULL, NULL },
		{ 2, "[{'action':7}]", ERR_BAD_REQUEST,
		  "/updates/0/action: Field 'action' must be a string", NULL, NULL },
		{ 2, "[{'action':'remove-snapshot-ref','ref-name':'x'},"
		     "{'action':'enable-row-lineage'}]", ERR_BAD_REQUEST,
		  "/updates/1/action: Cannot parse unknown table update: "
		  "enable-row-lineage", NULL, NULL },
		{ 2, "[{'action':'set-location','location':'a','location':"
		     "'b'}]", ERR_BAD_REQUEST,
		  "Field 'location' appears twice", NULL, NULL },
		{ 2, "[{'action':'set-location'}]", ERR_BAD_REQUEST,
		  "/updates/0: set-location: Missing required field "
		  "'location'", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
updates_the_table_as_a_whole(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[{'action':'assign-uuid','uuid':"
		     "'5F0C2B1E-8a34-4c1d-9b7e-3d2f1a0b9c8d'}]",
		  OK, NULL, NULL, NULL },
		{ 2, "[{'action':'assign-uuid','uuid':'" FRESH_UUID "'}]",
		  ERR_VALIDATION, "Cannot reassign uuid", NULL, NULL },
		{ 2, "[{'action':'assign-uuid','uuid':'x'}]", ERR_BAD_REQUEST,
		  "/updates/0: assign-uuid: Field 'uuid' must be a UUID", NULL,
		  NULL },
		{ 2, "[{'action':'SET-Location','location':'s3://new//'}]",
		  OK, "'location':'s3://new'", NULL, NULL },
		{ 2, "[{'action':'set-location','location':"
		     "'s3://lake/sales/orders/'}]", OK, NULL, NULL, NULL },
		{ 2, "[{'action':'set-location','location':'//'}]",
		  ERR_BAD_REQUEST, "/updates/0: set-location: Field "
		  "'location' must not be empty", NULL, NULL },
		{ 2, "[{'action':'set-properties','updates':{'a':'1',"
		     "'owner':'zoe','format-version':'3'}}]", OK,
		  "'properties':{'owner':'zoe','write.parquet.compression-"
		  "codec':'zstd','a':'1'}", NULL, NULL },
		{ 2, "[{'action':'set-properties','updated':{'b':'2'}}]", OK,
		  "'b':'2'", NULL, NULL },
		{ 2, "[{'action':'set-properties','updates':"
		     "{'owner':'amelie'}}]", OK, NULL, NULL, NULL },
		{ 2, "[{'action':'set-properties','updates':{'a':1}}]",
		  ERR_BAD_REQUEST, "/updates/0: set-properties: Field "
		  "'updates.a' must be a string", NULL, NULL },
		{ 2, "[{'action':'set-properties'}]", ERR_BAD_REQUEST,
		  "/updates/0: set-properties: Missing required field "
		  "'updates'", NULL, NULL },
		{ 2, "[{'action':'remove-properties','removals':['owner',"
		     "'nobody']}]", OK, "'properties':{'write.parquet", NULL,
		  "'owner'" },
		{ 2, "[{'action':'remove-properties','removed':['owner']}]",
		  OK, "'properties':{'write", NULL, "'owner'" },
		{ 2, "[{'action':'remove-properties','removals':['x']}]", OK,
		  NULL, NULL, NULL },
		{ 2, "[{'action':'remove-properties','removals':[1]}]",
		  ERR_BAD_REQUEST, "/updates/0: remove-properties: Field "
		  "'removals' must hold strings", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
upgrades_the_format_but_never_back(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 1, "[{'action':'upgrade-format-version','format-version':"
		     "2}]", OK, "'last-sequence-number':0", NULL,
		  "'partition-spec':" },
		{ 2, "[{'action':'upgrade-format-version','format-version':"
		     "3}]", OK, "'next-row-id':0", NULL, NULL },
		{ 2, "[{'action':'upgrade-format-version','format-version':3}"
		     ",{'action':'remove-snapshot-ref','ref-name':'main'}]",
		  OK, "'current-snapshot-id':null", NULL, NULL },
		{ 1, "[{'action':'upgrade-format-version','format-version':3}"
		     "]", OK, "'next-row-id':0", "'last-sequence-number':0",
		  "'schema':" },
		{ 2, "[{'action':'upgrade-format-version','format-version':"
		     "2}]", OK, NULL, NULL, NULL },
		{ 2, "[{'action':'upgrade-format-version','format-version':"
		     "1}]", ERR_ILLEGAL_ARGUMENT,
		  "Cannot downgrade v2 table to v1", NULL, NULL },
		{ 2, "[{'action':'upgrade-format-version','format-version':"
		     "4}]", ERR_ILLEGAL_ARGUMENT, "Cannot upgrade table to "
		  "unsupported format version: v4 (supported: v3)", NULL,
		  NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
keeps_encryption_keys(void **state)
{
	/* clang-format off */
	static const struct commit_case cases[] = {
		{ 2, "[{'action':'add-encryption-key','encryption-key':"
		     "{'key-id':'k2','encrypted-key-metadata':'eA==',"
		     "'encrypted-by-id':'k1','properties':{'a':'b'}}}]", OK,
		  "'encryption-keys':[{'key-id':'k2','encrypted-key-metadata'"
		  ":'eA=='", NULL, NULL },
		{ 3, "[{'action':'add-encryption-key','encryption-key':"
		     "{'key-id':'k1','encrypted-key-metadata':'eA=='}}]", OK,
		  NULL, NULL, NULL },
		{ 3, "[{'action':'remove-encryption-key','key-id':'k1'}]", OK,
		  "'encryption-keys':[]", NULL, NULL },
		{ 2, "[{'action':'remove-encryption-key','key-id':'k1'}]", OK,
		  NULL, NULL, NULL },
		{ 3, "[{'action':'add-encryption-key','encryption-key':"
		     "{'key-id':'k1'}}]", ERR_BAD_REQUEST,
		  "/updates/0: add-encryption-key: Missing required field "
		  "'encrypted-key-metadata'", NULL, NULL },
	};
	/* clang-format on */

	(void)state;
	CHECK_COMMITS(cases);
}

static void
logs_the_file_it_replaces(void **state)
{
	static const struct commit_case cases[] = {
		{ 2, "[{'action':'set-location','location':'b'}]", OK,
		    "00001-b.metadata.json'},{'timestamp-ms':1700000003000,"
		    "'metadata-file':'" BASE_FILE "'}]",
		    "'x-of-a-later-version'", NULL },
	};

	(void)state;
	CHECK_COMMITS(cases);
}

static void
tells_which_files_fell_off_the_log(void **state)
{
	struct metadata m = data_metadata(2);
	struct update_result result;

	(void)state;
	assert_int_equal(
	    apply(&m,
		"[{'action':'set-properties','updates':{"
		"'write.metadata.previous-versions-max':'1',"
		"'write.metadata.delete-after-commit.enabled':'true'}}]",
		&result),
	    OK);
	assert_int_equal(result.dropped.count, 2);
	assert_str(result.dropped.at[0],
	    STR("s3://lake/sales/orders/metadata/00000-a.metadata.json"));
	assert_int_equal(
	    yyjson_mut_arr_size(metadata_list(&m, "metadata-log")), 1);
}

static void
never_goes_back_in_time(void **state)
{
	struct metadata m = data_metadata(2);
	struct update_context context = { .now_ms = 5,
		.base_file = STR(BASE_FILE) };
	struct update_result result;

	(void)state;
	assert_int_equal(updates_apply(&m,
			     json("[{'action':'set-location','location':'b'}]"),
			     &context, &result, &error),
	    OK);
	assert_true(metadata_last_updated_ms(&m) == 1700000003000);
}

static void
gives_an_old_table_a_uuid_and_its_legacy_fields(void **state)
{
	struct metadata m = data_metadata(1);
	struct update_result result;

	(void)state;
	yyjson_mut_obj_remove_key(m.root, "table-uuid");
	assert_int_equal(
	    apply(&m, "[{'action':'set-location','location':'b'}]", &result),
	    OK);
	assert_str(metadata_uuid(&m), STR(FRESH_UUID));
	assert_contains(metadata_text(&m),
	    "'partition-spec':[{'name':'name','transform':'identity',"
	    "'source-id':2,'field-id':1000}");
	assert_contains(metadata_text(&m), "'schema':{'type':'struct'");
}

static void
bounds_updates_that_search_a_list(void **state)
{
	char text[16 * 1024] = "[";
	size_t used = 1;

	(void)state;
	for (int i = 0; i < 101; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s{'action':'add-sort-order','sort-order':{'fields':[]}}",
		    i == 0 ? "" : ",");
	(void)snprintf(text + used, sizeof(text) - used, "]");

	struct commit_case c = { 2, text, ERR_BAD_REQUEST,
		"/updates/100: more than 100 updates 'add-sort-order' in one "
		"request",
		NULL, NULL };

	check_commit(&c);
}

/* Valid updates, one of each kind: what the next test spoils. */
static const char every_update[] =
    "[{'action':'assign-uuid','uuid':"
    "'5f0c2b1e-8a34-4c1d-9b7e-3d2f1a0b9c8d'},"
    "{'action':'upgrade-format-version','format-version':3},"
    "{'action':'add-schema','last-column-id':14,'schema':{'type':'struct',"
    "'schema-id':9,'identifier-field-ids':[1],'fields':[{'id':1,'name':'id',"
    "'required':true,'type':'long','doc':'d','initial-default':1,"
    "'write-default':2},{'id':3,'name':'at','required':false,'type':"
    "'timestamptz'},{'id':12,'name':'l','required':false,'type':{'type':"
    "'list','element-id':13,'element':{'type':'struct','fields':[]},"
    "'element-required':false}},{'id':9,'name':'m','required':false,'type':"
    "{'type':'map','key-id':10,'key':'string','value-id':14,'value':"
    "'decimal(3,2)','value-required':true}}]}},"
    "{'action':'set-current-schema','schema-id':-1},"
    "{'action':'add-spec','spec':{'spec-id':3,'fields':[{'source-id':1,"
    "'field-id':1001,'name':'id_bucket','transform':'bucket[4]'}]}},"
    "{'action':'set-default-spec','spec-id':-1},"
    "{'action':'add-sort-order','sort-order':{'order-id':3,'fields':[{"
    "'source-id':3,'transform':'day','direction':'desc','null-order':"
    "'nulls-last'}]}},"
    "{'action':'set-default-sort-order','sort-order-id':-1},"
    "{'action':'add-snapshot','snapshot':{'snapshot-id':5,"
    "'parent-snapshot-id':" SNAP_C ",'sequence-number':4,'timestamp-ms':"
    "1700000004000,'schema-id':2,'first-row-id':0,'added-rows':3,"
    "'key-id':'k'," SUMMARY "}},"
    "{'action':'set-snapshot-ref','ref-name':'main','type':'branch',"
    "'snapshot-id':5,'max-ref-age-ms':1,'max-snapshot-age-ms':1,"
    "'min-snapshots-to-keep':1},"
    "{'action':'remove-snapshots','snapshot-ids':[" SNAP_A "]},"
    "{'action':'remove-snapshot-ref','ref-name':'first'},"
    "{'action':'set-location','location':'s3://x'},"
    "{'action':'set-properties','updates':{'a':'b'}},"
    "{'action':'remove-properties','removals':['owner']},"
    "{'action':'set-statistics','snapshot-id':5,'statistics':{'snapshot-id':"
    "5,'statistics-path':'p','file-size-in-bytes':1,"
    "'file-footer-size-in-bytes':1,'blob-metadata':[{'type':'t',"
    "'snapshot-id':5,'sequence-number':4,'fields':[1],'properties':{'a':"
    "'b'}}]}},"
    "{'action':'remove-statistics','snapshot-id':" SNAP_B "},"
    "{'action':'set-partition-statistics','partition-statistics':{"
    "'snapshot-id':5,'statistics-path':'p','file-size-in-bytes':1}},"
    "{'action':'remove-partition-statistics','snapshot-id':" SNAP_B "},"
    "{'action':'remove-partition-specs','spec-ids':[0]},"
    "{'action':'remove-schemas','schema-ids':[0]},"
    "{'action':'add-encryption-key','encryption-key':{'key-id':'k',"
    "'encrypted-key-metadata':'eA==','encrypted-by-id':'j','properties':"
    "{'a':'b'}}},"
    "{'action':'remove-encryption-key','key-id':'k'}]";

static void
applies_all_kinds_in_one_request(void **state)
{
	static const struct commit_case c = { 2, every_update, OK,
		"'current-snapshot-id':5", "'next-row-id':3",
		"'snapshots':[{'snapshot-id':" SNAP_A };

	(void)state;
	check_commit(&c);
}

struct spoiling {
	yyjson_mut_val *updates; /* the whole, of which a part is replaced */
	size_t tried, refused;
};

static const char *const wrong[] = { "null", "true", "-1", "0", "2147483648",
	"9223372036854775808", "99999999999999999999", "1.5", "'x'", "''", "[]",
	"{}", "[1]", "['x']", "[{}]", "{'a':1}", "{'fields':[]}" };

static void
try_spoilt(struct spoiling *s)
{
	struct arena *outer = arena;

	arena = arena_new();

	struct metadata m = data_metadata(2);
	struct update_context context = { .now_ms = NOW_MS,
		.base_file = STR(BASE_FILE) };
	struct update_result result;
	yyjson_val *updates = NULL;
	enum err err = json_parse(
	    arena, json_mut_text(arena, s->updates), &updates, &error);

	assert_int_equal(err, OK);
	err = updates_apply(&m, updates, &context, &result, &error);
	s->tried++;
	if (err != OK) {
		s->refused++;
		if (err_http(err) != 400 && err != ERR_COMMIT_FAILED)
			fail_msg("%d %s", (int)err, error.message);
	}
	arena_free(arena);
	arena = outer;
}

/* Replace `v` itself by each wrong value, in place. */
static void
spoil(struct spoiling *s, yyjson_mut_val *v)
{
	yyjson_mut_val kept = *v;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		yyjson_mut_val *other = mut_json(wrong[i]);

		v->tag = other->tag;
		v->uni = other->uni;
		try_spoilt(s);
	}
	*v = kept;
}

static void
spoil_within(struct spoiling *s, yyjson_mut_val *v)
{
	yyjson_mut_obj_iter pairs = yyjson_mut_obj_iter_with(v);
	yyjson_mut_arr_iter items = yyjson_mut_arr_iter_with(v);
	yyjson_mut_val *at;

	spoil(s, v);
	while ((at = yyjson_mut_obj_iter_next(&pairs)) != NULL)
		spoil_within(s, at->next);
	while ((at = yyjson_mut_arr_iter_next(&items)) != NULL)
		spoil_within(s, at);
}

static void
survives_any_json_type_anywhere(void **state)
{
	struct spoiling s = { .updates = mut_json(every_update) };

	(void)state;
	spoil_within(&s, s.updates);
	assert_true(s.tried > 2000);
	assert_true(s.refused > s.tried / 2);
}

static void
survives_any_member_missing(void **state)
{
	struct spoiling s = { .updates = mut_json(every_update) };
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(s.updates);
	yyjson_mut_val *update, *key;

	(void)state;
	while ((update = yyjson_mut_arr_iter_next(&it)) != NULL) {
		size_t members = yyjson_mut_obj_size(update);

		for (size_t i = 0; i < members; i++) {
			/* the member that was first goes and returns last */
			yyjson_mut_obj_iter first =
			    yyjson_mut_obj_iter_with(update);

			key = yyjson_mut_obj_iter_next(&first);

			yyjson_mut_val *value = yyjson_mut_obj_remove_key(
			    update, yyjson_mut_get_str(key));

			try_spoilt(&s);
			yyjson_mut_obj_add(update, key, value);
		}
	}
	assert_true(s.refused > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_nothing_without_updates),
		TEST(refuses_what_is_no_update),
		TEST(updates_the_table_as_a_whole),
		TEST(upgrades_the_format_but_never_back),
		TEST(keeps_encryption_keys),
		TEST(logs_the_file_it_replaces),
		TEST(tells_which_files_fell_off_the_log),
		TEST(never_goes_back_in_time),
		TEST(gives_an_old_table_a_uuid_and_its_legacy_fields),
		TEST(bounds_updates_that_search_a_list),
		TEST(applies_all_kinds_in_one_request),
		TEST(survives_any_json_type_anywhere),
		TEST(survives_any_member_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
