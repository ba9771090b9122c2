/*
 * keyed.c - run a request first, and ask only then whether it had been run.
 *
 * One that makes a commit needs no look before: the commit takes the id of the
 * key, and is refused when the id is taken.  Whatever ends without a commit
 * claims the id.  Of requests with one key the first to take the id is
 * answered by its handler, all others by what became of the first.
 */
#include "api/keyed.h"

#include <sodium.h>

#include "api/access.h"
#include "api/replays.h"
#include "base/clock.h"
#include "catalog/committer.h"
#include "config/settings.h"
#include "identity/principal.h"
#include "record/app.h"

static void
hash_str(crypto_hash_sha256_state *h, struct str s)
{
	(void)crypto_hash_sha256_update(
	    h, (const unsigned char *)&s.len, sizeof(s.len));
	(void)crypto_hash_sha256_update(h, (const unsigned char *)s.ptr, s.len);
}

static void
hash_request(const struct request *r, uint8_t ret[ONCE_HASH])
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
read_key(struct request *r, struct str header, struct once *ret)
{
	struct id key;

	if (!id_parse(header, &key))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "Idempotency-Key must be a UUID of 36 characters");
	*ret = (struct once){
		.id = once_id(request_tenant(r), r->principal->id, key),
	};
	hash_request(r, ret->hash);
	return OK;
}

/* Would the same request end so whenever it came?  Not when it depends on who
 * signed in, on time or on load; and of a 5xx nobody knows what it did. */
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
	else if (r->once->shown.ptr != NULL)
		a.location = r->once->shown;
	else
		a.body = body_of(r);
	return a;
}

static enum err
answer_again(struct request *r, const struct replay *how)
{
	struct call call = request_call(r);
	struct answer first;
	bool any;

	r->reply = (struct reply){ 0 };
	r->error = (struct error){ 0 };
	TRY(once_find(&call, r->once, &first, &any));
	if (!any) /* it has expired just now */
		return fail(&r->error, ERR_SLOW_DOWN,
		    "The answer to this Idempotency-Key is not kept any more: "
		    "send the request again");
	slot_add_on_thread(
	    &r->app->slots.at[r->app->worker], GAUGE_REPLAYED, 1);
	if (first.code != OK)
		return fail(
		    &r->error, first.code, STR_FMT, STR_ARG(first.message));
	if (first.commit.branch != 0 || first.location.ptr != NULL)
		return how->again(r, &call, &first);
	if (first.body.ptr != NULL)
		reply_part(r, first.body);
	return OK;
}

/* What r->error says stays as it is, unless this fails. */
static enum err
remember(struct request *r, enum err end, bool *ret_first)
{
	int64_t lifetime = r->app->settings->idempotency_lifetime_us;
	const struct answer answer = answer_of(r, end);
	struct call call = request_call(r);
	struct error error = { 0 };

	call.error = &error;

	enum err err = once_remember(
	    &call, r->once, &answer, clock_now_us() + lifetime, ret_first);

	if (err != OK)
		r->error = error;
	return err;
}

static enum err
handle_once(struct request *r, const struct replay *how)
{
	enum err err = how->handle(r);
	bool is_first;

	if (r->usage.refused || (err == OK && r->once->committed))
		return err;
	if (err != ERR_ANSWERED) {
		if (err != OK && !is_final(err))
			return err;
		TRY(remember(r, err, &is_first));
		if (is_first)
			return err;
	}
	return answer_again(r, how);
}

static enum err
handle_keyed(struct request *r, struct str header, const struct replay *how)
{
	struct committer *committer = r->app->committer;
	struct call call = request_call(r);
	struct once once;
	struct turn *turn;

	TRY(read_key(r, header, &once));
	TRY(committer_turn_of_id(committer, &call, once.id, &turn));
	r->once = &once;

	enum err err = handle_once(r, how);

	r->once = NULL;
	committer_turn_end(committer, turn);
	return err;
}

enum err
keyed_handle(struct request *r)
{
	struct str header = request_header(r, STR("Idempotency-Key"));
	const struct replay *how =
	    header.ptr != NULL ? replay_of(r->route) : NULL;

	return how != NULL ? handle_keyed(r, header, how) : r->route->handle(r);
}
