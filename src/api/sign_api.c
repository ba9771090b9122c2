/*
 * sign_api.c - signs requests to S3 for one table, so that who sends them needs
 * no credentials: those that an Iceberg client prepares (Iceberg REST,
 * signRequest), and an URL to read one file.
 */
#include "api/form_body.h"
#include "api/forms_credentials.h"
#include "api/handlers.h"
#include "api/request_target.h"
#include "api/staged_place.h"
#include "api/target_access.h"
#include "base/list.h"
#include "catalog/location_claims.h"
#include "catalog/vending.h"
#include "catalog/warehouse_storage.h"
#include "object/object.h"
#include "object/remote_sign.h"
#include "object/s3_clients.h"

#define VALUES_MAX 16 /* of one header */
#define PRESIGNED_SECONDS 900

static enum err
bad_headers(struct request *r)
{
	return fail(&r->error, ERR_BAD_REQUEST,
	    "/headers: expected up to %d names with arrays of strings",
	    REMOTE_HEADERS_MAX);
}

/* ["a", "b"] is sent as "a,b" (RFC 9110, 5.3). */
static enum err
join_values(struct request *r, yyjson_val *values, struct str *ret)
{
	struct buf joined = buf_in(r->arena);
	size_t count = yyjson_arr_size(values);

	if (!yyjson_is_arr(values) || count > VALUES_MAX)
		return bad_headers(r);
	for (size_t i = 0; i < count; i++) {
		struct str value = json_str(yyjson_arr_get(values, i));

		if (value.ptr == NULL)
			return bad_headers(r);
		if (i > 0)
			buf_add_char(&joined, ',');
		buf_add(&joined, value);
	}
	*ret = buf_str(&joined);
	return OK;
}

static enum err
read_headers(struct request *r, yyjson_val *from, struct pairs *ret)
{
	yyjson_obj_iter iter = yyjson_obj_iter_with(from);
	size_t count = yyjson_obj_size(from);
	yyjson_val *name;

	if (count > REMOTE_HEADERS_MAX)
		return bad_headers(r);
	ret->at = ARENA_NEW(r->arena, struct pair, count + 1);
	ret->count = 0;
	while ((name = yyjson_obj_iter_next(&iter)) != NULL) {
		struct pair *p = &ret->at[ret->count++];

		p->name = json_str(name);
		TRY(join_values(r, yyjson_obj_iter_get_val(name), &p->value));
	}
	return OK;
}

static enum err
find_table(struct request *r, struct call *ret_call, struct branch *ret,
    struct str *ret_claims)
{
	struct version found;
	struct ident ident;

	TRY(target_relation(r, KIND_TABLE, ret_call, ret, &ident));
	TRY(relation_get(ret_call, ret, KIND_TABLE, ident, &found));
	*ret_claims = found.body;
	return OK;
}

/* The same of a table that may only be staged, whose place the client brings:
 * it stays good when the commit comes, or another table of the name. */
static enum err
find_places(struct request *r, struct pairs properties, struct call *ret_call,
    struct branch *ret, struct str *ret_claims)
{
	struct str staged, claims = STR("");
	struct version found;
	struct ident ident;

	TRY(target_relation(r, KIND_TABLE, ret_call, ret, &ident));
	TRY(staged_place_read(r, ret_call, ret, ident, properties, &staged));

	enum err err = relation_get(ret_call, ret, KIND_TABLE, ident, &found);

	if (err == OK)
		claims = found.body;
	else if (err != ERR_NO_SUCH_TABLE || staged.ptr == NULL)
		return err;
	*ret_claims = staged.ptr == NULL
			  ? claims
			  : arena_printf(r->arena, STR_FMT "\n" STR_FMT,
				STR_ARG(staged), STR_ARG(claims));
	return OK;
}

/* Prefixes of keys from the table's claims, "//bucket/a/t", one per line. */
static enum err
set_prefixes(struct request *r, struct str claims, struct str bucket,
    struct remote_grant *io)
{
	struct str *prefixes = NULL;
	size_t room = 0;

	while (claims.len != 0) {
		struct str path = str_cut(&claims, '\n');

		if (!str_starts_with(path, STR("//")))
			continue;
		path = str_skip(path, 2);
		if (!str_eq(str_cut(&path, '/'), bucket) || path.len == 0)
			continue;
		LIST_RESERVE(r->arena, prefixes, io->count, room, 1);
		prefixes[io->count++] =
		    arena_printf(r->arena, STR_FMT "/", STR_ARG(path));
	}
	io->prefixes = prefixes;
	if (io->count == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "The table's files are not in the bucket of its"
		    " warehouse, or outside the catalog's place");
	return OK;
}

/* Without the claims that the catalog has lost. */
static enum err
keep_held(struct call *c, struct branch *b, struct str *io_claims)
{
	TRY(catalogs_get(c, b->catalog.tenant, b->catalog.name, &b->catalog));
	*io_claims = location_claims_held(c->arena, &b->catalog, *io_claims);
	return OK;
}

/* The claims of the table, which nobody else has whatever its metadata says,
 * and the warehouse by whose key requests are signed. */
static enum err
find_grant(struct request *r, struct pairs properties, struct s3_settings *ret,
    struct remote_grant *io, int64_t *ret_at_us)
{
	struct vending_wish wish = { 0 };
	struct warehouse warehouse;
	struct branch branch;
	struct str claims;
	struct call call;

	TRY(find_places(r, properties, &call, &branch, &claims));
	if (!str_starts_with(claims, STR("//")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "The table's files are not in S3");
	TRY(keep_held(&call, &branch, &claims));
	TRY(warehouses_get(&call, branch.catalog.tenant,
	    branch.catalog.warehouse, &warehouse));
	TRY(warehouse_s3_settings(&call, &warehouse, ret));
	*ret_at_us = s3_clients_clock_us(warehouse.id);
	wish.is_shared = branch.catalog.is_shared;
	wish.may_write =
	    !branch.is_history && !branch.is_protected && access_writes(r);
	io->may_write = wish.may_write;
	io->may_delete = vending_may_delete(&warehouse, &wish);
	return set_prefixes(r, claims, ret->bucket, io);
}

/* {"authorization": ["AWS4-HMAC-SHA256 ..."]} */
static struct str
headers_text(struct arena *a, struct pairs headers)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < headers.count; i++) {
		buf_add_char(&b, i == 0 ? '{' : ',');
		buf_add_json(&b, headers.at[i].name);
		buf_add(&b, STR(":["));
		buf_add_json(&b, headers.at[i].value);
		buf_add_char(&b, ']');
	}
	buf_add_char(&b, '}');
	return buf_str(&b);
}

enum err
table_sign_post(struct request *r)
{
	struct remote_sign_request body;
	struct remote_sign_result result;
	struct remote_grant grant = { 0 };
	struct remote_request remote;
	struct s3_settings settings;
	struct pairs headers;
	int64_t at_us = 0;

	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	if (body.provider.ptr != NULL && !str_eq(body.provider, STR("s3")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/provider: only requests to \"s3\" are signed");
	remote = (struct remote_request){
		.method = body.method, .uri = body.uri, .body = body.body
	};
	TRY(read_headers(
	    r, (yyjson_val *)(uintptr_t)body.headers, &remote.headers));
	TRY(find_grant(r, body.properties, &settings, &grant, &at_us));
	TRY(remote_sign(
	    r->arena, &settings, &grant, &remote, at_us, &headers, &r->error));
	result = (struct remote_sign_result){ body.uri,
		headers_text(r->arena, headers) };
	reply_header(r, "Cache-Control",
	    remote_may_be_kept(&remote) ? STR("private") : STR("no-cache"));
	reply_form(r, r->route->answer, &result);
	return OK;
}

enum err
table_presign_get(struct request *r)
{
	struct presigned_url answer;
	struct str file, claims;
	struct branch branch;
	struct call call;

	TRY(request_query(r, "location", &file));
	if (file.ptr == NULL)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "location: name a file of the table");
	TRY(object_location_check(file, &r->error));
	TRY(find_table(r, &call, &branch, &claims));
	TRY(keep_held(&call, &branch, &claims));
	if (!location_claims_cover(claims, file))
		return fail(&r->error, ERR_FORBIDDEN,
		    "location: only files below the table's location, in the"
		    " catalog's place, have an URL here");
	TRY(object_presign(&call, file, PRESIGNED_SECONDS, &answer.url));
	reply_no_store(r);
	reply_form(r, r->route->answer, &answer);
	return OK;
}
