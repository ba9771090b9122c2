/* test_openapi.c - the document says what the tables say. */
#include "api/openapi.h"

#include <stdlib.h>

#include "api/forms.h"
#include "api/openapi_schema.h"
#include "api/routes.h"
#include "base/json.h"
#include "http/router.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static yyjson_val *
parse(struct str text)
{
	struct error e = { 0 };
	yyjson_val *v = NULL;

	if (json_parse(arena, text, &v, &e) != OK)
		fail_msg("%s in " STR_FMT, e.message, STR_ARG(text));
	return v;
}

static yyjson_val *
at(yyjson_val *v, const char *name)
{
	v = json_member(v, str_from(name));
	if (v == NULL)
		fail_msg("there is no %s", name);
	return v;
}

static yyjson_val *
operation_of(yyjson_val *document, const struct route *route)
{
	struct str upper = router_allow(arena, route->method);
	char *method = ARENA_NEW(arena, char, upper.len + 1);

	for (size_t i = 0; i < upper.len; i++)
		method[i] = (char)(upper.ptr[i] + ('a' - 'A'));
	return at(at(at(document, "paths"), route->path), method);
}

static size_t
parameters_in_path(yyjson_val *operation)
{
	yyjson_val *parameter;
	size_t i, max, count = 0;

	yyjson_arr_foreach(at(operation, "parameters"), i, max, parameter)
	    count +=
	    str_eq(json_str(json_member(parameter, STR("in"))), STR("path"));
	return count;
}

static size_t
braces(const char *path)
{
	size_t count = 0;

	for (; *path != '\0'; path++)
		count += *path == '{';
	return count;
}

static void
every_route_is_an_operation(void **state)
{
	yyjson_val *document =
	    parse(openapi_document(arena, api_routes, STR("/")));

	(void)state;
	for (size_t i = 0; i < api_routes.count; i++) {
		const struct route *route = &api_routes.at[i];
		yyjson_val *op = operation_of(document, route);
		yyjson_val *body = json_member(op, STR("requestBody"));

		assert_int_equal(parameters_in_path(op), braces(route->path));
		assert_true((body != NULL) == (route->body != NULL));
		assert_true((json_member(op, STR("security")) != NULL) ==
			    ((route->flags & ROUTE_PUBLIC) != 0));
	}
}

/* A form of another that has the same name would hide it. */
static void
forms_have_names_of_their_own(void **state)
{
	static struct form_set set;

	(void)state;
	for (size_t i = 0; i < api_routes.count; i++) {
		form_set_add(&set, api_routes.at[i].body);
		form_set_add(&set, api_routes.at[i].answer);
	}
	for (size_t i = 0; i < set.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    set.at[i]->name, set.at[k]->name);
}

static void
operations_have_names_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_routes.count; i++) {
		struct str id = openapi_operation_id(arena, &api_routes.at[i]);

		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(id,
			    openapi_operation_id(arena, &api_routes.at[k])));
	}
}

static struct str
schema_of(const struct form *form)
{
	struct buf b = buf_in(arena);

	buf_add_char(&b, '{');
	schema_of_form(&b, form);
	buf_add_char(&b, '}');
	return json_text(arena, at(parse(buf_str(&b)), form->name));
}

static void
a_form_is_a_schema(void **state)
{
	(void)state;
	assert_str(schema_of(&form_table_identifier),
	    STR("{\"type\":\"object\",\"properties\":{"
		"\"namespace\":{\"type\":\"array\",\"minItems\":1,"
		"\"items\":{\"type\":\"string\"},\"description\":"
		"\"The levels of its namespace, the top one first.\"},"
		"\"name\":{\"type\":\"string\",\"description\":"
		"\"Its name there, of tables and views together unique.\"}},"
		"\"required\":[\"namespace\",\"name\"]}"));
	assert_str(schema_of(&form_status),
	    STR("{\"type\":\"object\",\"properties\":{\"status\":{"
		"\"type\":\"string\",\"description\":"
		"\"What has been done.\"}},\"required\":[\"status\"],"
		"\"additionalProperties\":false}"));
}

/* How a member of UserInfo and LoginRequest is described. */
static struct str
member_of(const struct form *form, const char *name)
{
	yyjson_val *schema = parse(schema_of(form));

	return json_text(arena, at(at(schema, "properties"), name));
}

static void
what_may_be_absent_may_be_null(void **state)
{
	(void)state;
	assert_str(member_of(&form_user_info, "last-login"),
	    STR("{\"type\":[\"string\",\"null\"],\"format\":\"date-time\","
		"\"description\":"
		"\"When the user last signed in; null: never.\"}"));
	assert_str(member_of(&form_user_info, "role"),
	    STR("{\"type\":\"string\",\"enum\":[\"root\",\"tenant-admin\","
		"\"tenant-user\"],\"description\":"
		"\"What the user may do before any grants.\"}"));
}

static void
another_spelling_is_described_too(void **state)
{
	(void)state;
	assert_str(member_of(&form_login_request, "tenant_id"),
	    STR("{\"type\":[\"string\",\"null\"],\"format\":\"uuid\","
		"\"description\":\"Tenant the user must be of; absent: "
		"whichever it is of.\",\"deprecated\":true}"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_route_is_an_operation),
		TEST(forms_have_names_of_their_own),
		TEST(operations_have_names_of_their_own),
		TEST(a_form_is_a_schema),
		TEST(what_may_be_absent_may_be_null),
		TEST(another_spelling_is_described_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
