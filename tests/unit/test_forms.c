/* test_forms.c - the forms spell every member as clients do. */
#include <stdlib.h>

#include "api/forms_catalog.h"
#include "api/forms_iceberg.h"
#include "api/forms_identity.h"
#include "tests/unit/unit.h"

#define ID "\"5b0c0000-0000-0000-0000-000000000001\""
#define TIME "\"2026-08-11T10:00:00.123456Z\""
#define USER                                                                   \
	"{\"id\":" ID ",\"username\":\"alice\",\"email\":\"a@x\","             \
	"\"tenant-id\":" ID ",\"role\":\"tenant-user\","                       \
	"\"active\":true,\"oauth-provider\":null,\"created-at\":" TIME         \
	",\"last-login\":null}"
#define TABLE "{\"namespace\":[\"a\",\"b\"],\"name\":\"t\"}"

/* Whole bodies, every member in its place: read and written again. */
static const struct {
	const struct form *form;
	const char *body;
} whole[] = {
	{ &form_login_request,
	    "{\"username\":\"alice\",\"password\":\"p\",\"tenant-id\":" ID
	    "}" },
	{ &form_user_info, USER },
	{ &form_login_response,
	    "{\"token\":\"eyJ0\",\"user\":" USER ",\"expires-at\":" TIME "}" },
	{ &form_create_user_request,
	    "{\"username\":\"bob\",\"email\":\"b@x\",\"password\":\"p\","
	    "\"tenant_id\":" ID ",\"role\":\"tenant-admin\"}" },
	{ &form_update_user_request,
	    "{\"email\":\"b@x\",\"password\":\"p\","
	    "\"current-password\":\"q\",\"active\":false}" },
	{ &form_app_config, "{\"auth_enabled\":true}" },
	{ &form_tenant,
	    "{\"id\":" ID ",\"name\":\"acme\",\"properties\":{\"k\":\"v\"}}" },
	{ &form_create_tenant_request,
	    "{\"name\":\"acme\",\"properties\":{\"k\":\"v\"}}" },
	{ &form_tenant_update, "{\"name\":\"acme\",\"properties\":{}}" },
	{ &form_service_user,
	    "{\"id\":" ID ",\"name\":\"etl\",\"description\":null,"
	    "\"tenant-id\":" ID ",\"role\":\"tenant-user\","
	    "\"created-at\":" TIME ",\"created-by\":" ID
	    ",\"last-used\":null,\"expires-at\":" TIME ",\"active\":true}" },
	{ &form_api_key_response,
	    "{\"id\":" ID ",\"name\":\"etl\",\"description\":null,"
	    "\"tenant_id\":" ID ",\"role\":\"tenant-user\","
	    "\"api_key\":\"pgl_\",\"created_at\":" TIME ",\"created_by\":" ID
	    ",\"expires_at\":" TIME ",\"active\":true}" },
	{ &form_create_service_user_request,
	    "{\"name\":\"etl\",\"description\":\"d\",\"role\":\"tenant-user\","
	    "\"expires_in_days\":90}" },
	{ &form_update_service_user,
	    "{\"name\":\"etl\",\"description\":\"d\",\"active\":true}" },
	{ &form_status, "{\"status\":\"updated\"}" },
	{ &form_create_warehouse_request,
	    "{\"name\":\"wh\",\"use_sts\":false,"
	    "\"storage_config\":{\"s3.bucket\":\"b\"},"
	    "\"vending_strategy\":{\"AwsStatic\":{\"access_key_id\":\"k\"}}}" },
	{ &form_update_warehouse,
	    "{\"name\":\"wh\",\"use_sts\":true,\"storage_config\":{},"
	    "\"vending_strategy\":\"None\"}" },
	{ &form_catalog,
	    "{\"id\":" ID ",\"name\":\"c\",\"catalog_type\":\"Local\","
	    "\"warehouse_name\":\"wh\",\"storage_location\":\"s3://b/c\","
	    "\"federated_config\":null,\"properties\":{}}" },
	{ &form_create_catalog_request,
	    "{\"name\":\"c\",\"catalog_type\":\"Federated\","
	    "\"warehouse_name\":\"wh\",\"storage_location\":\"s3://b/c\","
	    "\"federated_config\":{\"properties\":{\"uri\":\"u\"}},"
	    "\"properties\":{}}" },
	{ &form_update_catalog,
	    "{\"warehouse_name\":\"wh\",\"storage_location\":\"s3://b/c\","
	    "\"federated_config\":{\"properties\":{}},\"properties\":{}}" },
	{ &form_catalog_config,
	    "{\"defaults\":{\"a\":\"1\"},\"overrides\":{\"prefix\":\"p\"},"
	    "\"endpoints\":[\"GET /v1/config\"]}" },
	{ &form_create_namespace_request,
	    "{\"namespace\":[\"a\",\"b\"],\"properties\":{\"o\":\"x\"}}" },
	{ &form_namespace, "{\"namespace\":[\"a\"],\"properties\":{}}" },
	{ &form_namespace_list,
	    "{\"next-page-token\":\"t\",\"namespaces\":[[\"a\"],[\"a\","
	    "\"b\"]]}" },
	{ &form_namespace_list, "{\"namespaces\":[]}" },
	{ &form_update_namespace_request,
	    "{\"removals\":[\"x\"],\"updates\":{\"o\":\"y\"}}" },
	{ &form_update_namespace_answer,
	    "{\"updated\":[\"o\"],\"removed\":[],\"missing\":[\"x\"]}" },
	{ &form_table_list, "{\"identifiers\":[" TABLE "]}" },
	{ &form_create_table_request,
	    "{\"name\":\"t\",\"location\":null,\"schema\":{\"fields\":[]},"
	    "\"partition-spec\":{\"fields\":[]},\"write-order\":null,"
	    "\"stage-create\":false,\"properties\":{}}" },
	{ &form_register_table_request,
	    "{\"name\":\"t\",\"metadata-location\":\"s3://b/v1.json\","
	    "\"overwrite\":true}" },
	{ &form_rename_table_request,
	    "{\"source\":" TABLE ",\"destination\":" TABLE "}" },
	{ &form_commit_table_request,
	    "{\"identifier\":" TABLE ",\"requirements\":[],"
	    "\"updates\":[{\"action\":\"assign-uuid\"}]}" },
	{ &form_oauth_token_response,
	    "{\"access_token\":\"e\",\"token_type\":\"bearer\","
	    "\"expires_in\":3600,\"issued_token_type\":\"urn\"}" },
	{ &form_oauth_error,
	    "{\"error\":\"invalid_client\",\"error_description\":\"d\"}" },
};

static int
set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static void
every_member_has_the_name_clients_use(void **state)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		struct buf b = buf_in(*state);
		void *body = arena_alloc(*state, whole[i].form->size, 1);
		struct error e = { .message = "" };
		enum err err = form_decode(
		    whole[i].form, *state, str_from(whole[i].body), body, &e);

		assert_string_equal(e.message, "");
		assert_int_equal(err, OK);
		form_encode(whole[i].form, body, &b);
		assert_str(buf_str(&b), str_from(whole[i].body));
	}
}

static void
check_field(const struct form *form, const struct form_field *f)
{
	size_t len = strlen(f->help);

	assert_true(f->offset < form->size);
	assert_true(len != 0 && f->help[len - 1] == '.');
	assert_int_equal(f->choices != NULL, f->type == FORM_CHOICE);
	assert_int_equal(
	    f->form != NULL, f->type == FORM_OBJECT || f->type == FORM_LIST);
	for (const struct form_field *g = form->fields; g != f; g++) {
		assert_string_not_equal(g->name, f->name);
		assert_true(g->offset != f->offset);
	}
}

/* What holds JSON text, and what comes url-encoded. */
static const struct form *const others[] = { &form_warehouse,
	&form_table_identifier, &form_load_table_result,
	&form_commit_table_response, &form_oauth_token_request };

static void
check_form(const struct form *form)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		check_field(form, f);
}

static void
every_row_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		check_form(whole[i].form);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		check_form(others[i]);
}

/* Bodies that are refused, and the member at fault. */
static const struct {
	const struct form *form;
	const char *body, *message;
} refused[] = {
	{ &form_login_request, "{\"username\":\"a\"}", "/password: missing" },
	{ &form_login_request,
	    "{\"username\":\"a\",\"password\":\"b\",\"tenantid\":null}",
	    "/tenantid: unknown member, did you mean \"tenant-id\"?" },
	{ &form_create_user_request,
	    "{\"username\":\"a\",\"email\":\"b\",\"role\":\"king\"}",
	    "/role: expected one of \"root\", \"tenant-admin\", "
	    "\"tenant-user\"" },
	{ &form_service_user, "{\"api-key-hash\":\"x\"}",
	    "/api-key-hash: unknown member" },
	{ &form_create_warehouse_request,
	    "{\"name\":\"w\",\"storage_config\":{\"s3.bucket\":1}}",
	    "/storage_config/s3.bucket: expected a string" },
	{ &form_create_namespace_request, "{\"namespace\":[]}",
	    "/namespace: must not be empty" },
	{ &form_create_table_request, "{\"name\":\"t\",\"schema\":[]}",
	    "/schema: expected an object" },
	{ &form_commit_table_request, "{\"updates\":{}}",
	    "/updates: expected an array" },
	{ &form_rename_table_request,
	    "{\"source\":{\"namespace\":[\"a\"]},\"destination\":" TABLE "}",
	    "/source/name: missing" },
};

static void
refusals_name_the_member(void **state)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		void *body = arena_alloc(*state, refused[i].form->size, 1);
		struct error e;

		assert_int_not_equal(form_decode(refused[i].form, *state,
					 str_from(refused[i].body), body, &e),
		    OK);
		assert_string_equal(e.message, refused[i].message);
	}
}

static void
login_takes_both_spellings_of_the_tenant(void **state)
{
	struct login_request login;
	struct error e;

	assert_int_equal(form_decode(&form_login_request, *state,
			     STR("{\"username\":\"a\",\"password\":\"b\","
				 "\"tenant_id\":" ID "}"),
			     &login, &e),
	    OK);
	assert_int_equal(login.tenant.b[0], 0x5B);
}

static void
iceberg_ignores_what_it_does_not_know(void **state)
{
	struct commit_table_request commit;
	struct error e;

	assert_int_equal(form_decode(&form_commit_table_request, *state,
			     STR("{\"updates\":[],\"new\":1}"), &commit, &e),
	    OK);
	assert_null(commit.identifier.name.ptr);
	assert_null(commit.requirements);
	assert_non_null(commit.updates);
}

static void
metadata_is_spliced_in(void **state)
{
	struct load_table_result table = { .metadata = STR("{\"x\":1}") };
	struct buf b = buf_in(*state);

	form_encode(&form_load_table_result, &table, &b);
	assert_str(buf_str(&b), STR("{\"metadata\":{\"x\":1}}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_has_the_name_clients_use),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(refusals_name_the_member),
		cmocka_unit_test(login_takes_both_spellings_of_the_tenant),
		cmocka_unit_test(iceberg_ignores_what_it_does_not_know),
		cmocka_unit_test(metadata_is_spliced_in),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
