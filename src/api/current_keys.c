#include "api/current_keys.h"

#include "api/access.h"
#include "app/app.h"
#include "base/clock.h"
#include "identity/seal.h"
#include "identity/token_keys.h"

/* So long a store that does not answer may hold a sign-in up. */
#define LEARN_US (500 * CLOCK_MS)

const struct keys *
keys_to_sign(struct request *r)
{
	struct call call = request_call(r);
	int64_t soon = clock_mono_us() + LEARN_US;
	struct error ignored;

	call.error = &ignored;
	if (call.deadline_us > soon)
		call.deadline_us = soon;
	(void)!keys_learn(&call, &r->app->keys);
	return r->app->keys;
}

enum err
keys_to_verify(struct request *r, struct str token, const struct keys **ret)
{
	struct call call = request_call(r);
	const struct keys *known = r->app->keys;

	if (token_may_be_ours(known, token) && !token_is_ours(known, token))
		TRY(keys_learn(&call, &r->app->keys));
	*ret = r->app->keys;
	return OK;
}

enum err
keys_unseal(struct request *r, struct str about, struct str sealed, bool *ret,
    struct str *ret_text)
{
	struct call call = request_call(r);
	const struct keys *known = r->app->keys;

	*ret = unseal(r->arena, known, about, sealed, ret_text);
	if (*ret)
		return OK;
	TRY(keys_learn(&call, &r->app->keys));
	if (r->app->keys != known)
		*ret = unseal(r->arena, r->app->keys, about, sealed, ret_text);
	return OK;
}
