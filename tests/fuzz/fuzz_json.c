/*
 * fuzz_json.c - JSON, and bodies by their forms, under libFuzzer.
 *
 * The first byte picks a form, the rest is the body.  Any bytes give a refusal
 * in words, or a struct that is encoded to what decodes to the same again.
 */
#include <stdlib.h>

#include "api/forms.h"
#include "tests/fuzz/pool_thread.h"

static const struct form *const forms[] = { &form_login_response,
	&form_create_user_request, &form_service_user,
	&form_create_warehouse_request, &form_create_catalog_request,
	&form_namespace_list, &form_table_list, &form_commit_table_request,
	&form_create_table_request, &form_oauth_token_response };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_refusal(enum err err, const struct error *e)
{
	require(err == e->code);
	require(err == ERR_BAD_REQUEST || err == ERR_UNPROCESSABLE);
	require(e->message[0] != '\0' && str_is_utf8(str_from(e->message)));
}

/* What was read, written, and read again is written the same. */
static void
check_json(struct arena *a, struct str text)
{
	struct error e;
	yyjson_val *v = NULL;
	enum err err = json_parse(a, text, &v, &e);

	if (err != OK) {
		check_refusal(err, &e);
		return;
	}

	struct str once = json_text(a, v);

	require(json_parse(a, once, &v, &e) == OK);
	require(str_eq(json_text(a, v), once));
}

static void
check_form(struct arena *a, const struct form *form, struct str text)
{
	void *body = arena_alloc(a, form->size, 1);
	struct buf once = buf_in(a), twice = buf_in(a);
	struct error e;
	enum err err = form_decode(form, a, text, body, &e);

	if (err != OK) {
		check_refusal(err, &e);
		return;
	}
	form_encode(form, body, &once);
	require(form_decode(form, a, buf_str(&once), body, &e) == OK);
	form_encode(form, body, &twice);
	require(str_eq(buf_str(&once), buf_str(&twice)));
}

static void
check_pairs(struct arena *a, struct str text)
{
	struct oauth_token_request body;
	struct error e;
	enum err err =
	    form_decode_pairs(&form_oauth_token_request, a, text, &body, &e);

	if (err != OK)
		check_refusal(err, &e);
	else
		require(body.client_secret.ptr == NULL ||
			str_is_utf8(body.client_secret));
}

static int
try_input(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	size_t form = size != 0 ? data[0] : 0;
	struct str text = { (const char *)data + (size != 0),
		size - (size != 0) };

	check_json(a, text);
	check_pairs(a, text);
	check_form(a, forms[form % (sizeof(forms) / sizeof(forms[0]))], text);
	arena_free(a);
	return 0;
}
