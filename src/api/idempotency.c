/*
 * idempotency.c - runs a request first, and only then asks whether it was run
 * before.
 *
 * A request that makes a commit needs no look-up before: the commit takes the
 * id of the key, and is refused when the id is taken.  A request that ends
 * without a commit (a no-op or a final 4xx) claims the id.  Of requests with
 * one key the first to take the id is answered by its handler, the others from
 * the first one's result.
 */
#include "api/idempotency.h"

#include <sodium.h>

#include "api/access.h"
#include "app/app.h"
#include "base/clock.h"
#include "catalog/committer.h"
#include "catalog/idempotency_keys.h"
#include "config/settings.h"
#include "identity/principal.h"

static void
hash_str(crypto_hash_sha256_state *h, struct str s)
{
	(void)crypto_hash_sha256_update(
	    h, (const unsigned char *)&s.len, sizeof(s.len));
	(void)crypto_hash_sha256_update(h, (const unsigned char *)s.ptr, s.len);
}

static void
hash_request(const struct request *r, uint8_t ret[IDEMPOTENCY_HASH])
{
	const unsigned char method = (unsigned char)r->method;
	crypto_hash_sha256_state h;

	(void)crypto_hash_sha256_init(&h);
	(void)crypto_hash_sha256_update(&h, &method, 1);
	hash_str(&h, r->path);
	hash_str(&h, r->query);
	hash_str(&h, r->body);
	(void)crypto_hash_sha256_final(&h, ret);
}

static enum err
read_key(struct request *r, struct str header, struct idempotency_key *ret)
{
	struct id key;

	if (!id_parse(header, &key))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "Idempotency-Key must be a UUID of 36 characters");
	*ret = (struct idempotency_key){
		.id = idempotency_id(request_tenant(r), r->principal->id, key),
	};
	hash_request(r, ret->hash);
	return OK;
}

/* Whether the same request would end so at any time.  Not when its end depends
 * on the principal, on time or on load; and of a 5xx nobody knows what it
 * did. */
static bool
is_final(enum err err)
{
	switch (err_http(err)) {
	case 400:
	case 404:
	case 406:
	case 409:
	case 422:
		return true;
	default:
		return false;
	}
}

/* A staged creation shows no file: its body is all there is. */
static struct str
body_of(const struct request *r)
{
	struct buf body = buf_in(r->arena);

	for (size_t i = 0; i < r->reply.part_count; i++)
		buf_add(&body, r->reply.part[i]);
	return body.len != 0 ? buf_str(&body) : (struct str){ 0 };
}

static struct answer
answer_of(const struct request *r, enum err err)
{
	struct answer a = { .code = err };

	if (err != OK)
		a.message = str_from(r->error.message);
	else if (r->idempotency->shown.ptr != NULL)
		a.location = r->idempotency->shown;
	else
		a.body = body_of(r);
	return a;
}

static enum err
answer_again(struct request *r)
{
	struct call call = request_call(r);
	struct answer first;
	bool any;

	r->reply = (struct reply){ 0 };
	r->error = (struct error){ 0 };
	TRY(idempotency_find(&call, r->idempotency, &first, &any));
	if (!any) /* it has expired just now */
		return fail(&r->error, ERR_SLOW_DOWN,
		    "The answer to this Idempotency-Key has expired: "
		    "send the request again");
	slot_add_on_thread(
	    &r->app->slots.at[r->app->worker], GAUGE_REPLAYED, 1);
	if (first.code != OK)
		return fail(
		    &r->error, first.code, STR_FMT, STR_ARG(first.message));
	if (first.commit.branch != 0 || first.location.ptr != NULL)
		return r->route->again(r, &call, &first);
	if ((r->route->flags & ROUTE_ACCEPTED) != 0)
		r->reply.status = 202;
	if (first.body.ptr != NULL)
		reply_part(r, first.body);
	return OK;
}

/* The message in r->error stays as it is, unless this fails. */
static enum err
remember(struct request *r, enum err end, bool *ret_first)
{
	int64_t lifetime = r->app->settings->idempotency_lifetime_us;
	const struct answer answer = answer_of(r, end);
	struct call call = request_call(r);
	struct error error = { 0 };

	call.error = &error;

	enum err err = idempotency_remember(&call, r->idempotency, &answer,
	    clock_now_us() + lifetime, ret_first);

	if (err != OK)
		r->error = error;
	return err;
}

static enum err
handle_idempotent(struct request *r)
{
	enum err err = r->route->handle(r);
	bool is_first;

	if (r->usage.refused || (err == OK && r->idempotency->committed))
		return err;
	if (err != ERR_ANSWERED) {
		if (err != OK && !is_final(err))
			return err;
		TRY(remember(r, err, &is_first));
		if (is_first)
			return err;
	}
	return answer_again(r);
}

static enum err
handle_with_key(struct request *r, struct str header)
{
	struct committer *committer = r->app->committer;
	struct call call = request_call(r);
	struct idempotency_key key;
	struct ticket *ticket;

	TRY(read_key(r, header, &key));
	TRY(committer_take_ticket_of_id(committer, &call, key.id, &ticket));
	r->idempotency = &key;

	enum err err = handle_idempotent(r);

	r->idempotency = NULL;
	committer_drop_ticket(committer, ticket);
	return err;
}

enum err
idempotency_handle(struct request *r)
{
	struct str header = request_header(r, STR("Idempotency-Key"));

	return header.ptr != NULL && r->route->again != NULL
		   ? handle_with_key(r, header)
		   : r->route->handle(r);
}
