/* handling.h - one request to one handler, on a store with people in it. */
#ifndef PANGOLIN_HANDLING_H
#define PANGOLIN_HANDLING_H

#include "api/handlers.h"
#include "api/routes.h"
#include "app/app.h"
#include "base/buf.h"
#include "catalog/warehouse_root.h"
#include "config/settings.h"
#include "identity/token.h"
#include "tests/unit/people.h"

static struct str anywhere = STR_INIT(ROOT_ANY);
static struct settings settings = { .auth_enabled = true,
	.auth_token_ttl_us = 7200 * CLOCK_SECOND,
	.auth_session_lifetime_us = 86400 * CLOCK_SECOND,
	.warehouse_allowed_roots = { .at = &anywhere, .count = 1 } };
static struct keys keys;
static struct app app;
static struct request request;

/* What the next request is like. */
static struct str query;
static struct header headers[1];
static size_t header_count;

static inline int
begin(void **state)
{
	static const uint8_t secret[TOKEN_KEY_BYTES] = { 7 };

	query = (struct str){ 0 };
	header_count = 0;
	keys_init(&keys, secret, 1);
	(void)open_store_with_people(state);
	app = (struct app){
		.settings = &settings, .store = call.store, .keys = &keys
	};
	return 0;
}

/* NULL: the handler has none. */
static inline const struct route *route_of(
    enum err (*handler)(struct request *))
{
	for (size_t i = 0; i < api_routes.count; i++)
		if (api_routes.at[i].handle == handler)
			return &api_routes.at[i];
	return NULL;
}

/* The reply's body; its status is in request.reply. */
static inline enum err
handle(enum err (*handler)(struct request *), const struct principal *by,
    struct str arg, const char *body)
{
	request = (struct request){ .app = &app,
		.arena = call.arena,
		.route = route_of(handler),
		.query = query,
		.arg = { arg },
		.headers = { headers, header_count },
		.body = str_from(body),
		.deadline_us = call.deadline_us,
		.principal = by };
	return handler(&request);
}

static inline struct str
answer(void)
{
	struct buf b = buf_in(call.arena);

	for (size_t i = 0; i < request.reply.part_count; i++)
		buf_add(&b, request.reply.part[i]);
	return buf_str(&b);
}

static inline struct str
reply_value(const char *name)
{
	for (size_t i = 0; i < request.reply.header_count; i++)
		if (str_eq(request.reply.header[i].name, str_from(name)))
			return request.reply.header[i].value;
	return (struct str){ 0 };
}

static inline struct str
text_of(struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_copy(call.arena, str_from(text));
}

static inline yyjson_val *
answer_json(void)
{
	yyjson_val *v = NULL;

	assert_ok(json_parse(call.arena, answer(), &v, &error));
	return v;
}

/* A member of the reply's object. */
static inline struct str
member(const char *name)
{
	return json_str(json_member(answer_json(), str_from(name)));
}

#define assert_handled(handler, by, arg, body, want)                           \
	do {                                                                   \
		enum err err_ = handle((handler), (by), (arg), (body));        \
		if (err_ != OK)                                                \
			fail_msg("%s: %s", #handler, request.error.message);   \
		assert_int_equal(request.reply.status, (want));                \
	} while (0)

#define assert_refused(handler, by, arg, body, err, text)                      \
	do {                                                                   \
		assert_int_equal(                                              \
		    handle((handler), (by), (arg), (body)), (err));            \
		assert_string_equal(request.error.message, (text));            \
	} while (0)

#endif
