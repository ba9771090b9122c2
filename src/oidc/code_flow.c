#include "oidc/code_flow.h"

#include <sodium.h>

#include "base/clock.h"
#include "calls/bulkheads.h"
#include "calls/usage.h"
#include "identity/seal.h"
#include "oidc/provider_http.h"

#define URLSAFE sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SECRET_BYTES 32
#define SECRET_TEXT 44 /* with the NUL */
#define COOKIE "pangolin-sign-in-"
#define MARK 8        /* characters of a binding, in the cookie's name */
#define CODE_MAX 4096 /* bytes of a provider's code */

static struct str
base64_of(struct arena *a, const uint8_t bytes[SECRET_BYTES])
{
	char *text = ARENA_NEW(a, char, SECRET_TEXT);

	(void)sodium_bin2base64(
	    text, SECRET_TEXT, bytes, SECRET_BYTES, URLSAFE);
	return (struct str){ text, SECRET_TEXT - 1 };
}

/* A text that follows from the cookie, and does not tell it. */
static struct str
derive(struct arena *a, const char *what, struct str secret)
{
	struct str all = arena_printf(a, "%s:" STR_FMT, what, STR_ARG(secret));
	uint8_t hash[SECRET_BYTES];

	(void)crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)all.ptr, all.len, NULL, 0);
	return base64_of(a, hash);
}

/* RFC 7636, 4.2: S256. */
static struct str
challenge_of(struct arena *a, struct str verifier)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	_Static_assert(sizeof(hash) == SECRET_BYTES, "one length");
	(void)crypto_hash_sha256(
	    hash, (const uint8_t *)verifier.ptr, verifier.len);
	return base64_of(a, hash);
}

/* ---- the state: when it ends, the binding, where the browser goes */
static struct str
about_state(struct arena *a, const struct provider *p)
{
	return arena_printf(
	    a, "sign-in:" STR_FMT, STR_ARG(provider_settings(p)->name));
}

static struct str
cookie_name(struct arena *a, struct str binding)
{
	return arena_printf(a, COOKIE "%.*s", MARK, binding.ptr);
}

static struct str
scopes_of(struct arena *a, const struct oidc_settings *s)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < s->scopes.count; i++) {
		if (i != 0)
			buf_add_char(&b, ' ');
		buf_add(&b, s->scopes.at[i]);
	}
	return buf_str(&b);
}

enum err
code_flow_begin(struct call *c, const struct keys *keys, struct provider *p,
    struct str callback, struct str return_to, struct str *ret_location,
    struct cookie *ret)
{
	const struct oidc_settings *s = provider_settings(p);
	struct arena *a = c->arena;
	struct provider_addresses to;
	uint8_t secret[SECRET_BYTES];
	struct str value, binding, state;
	struct buf url = buf_in(a);

	TRY(provider_addresses(p, c, &to));
	randombytes_buf(secret, sizeof(secret));
	value = base64_of(a, secret);
	binding = derive(a, "binding", value);
	state = seal(a, keys, about_state(a, p),
	    arena_printf(a, "%lld " STR_FMT " " STR_FMT,
		(long long)(clock_now_us() / CLOCK_SECOND + CODE_FLOW_LIFE_S),
		STR_ARG(binding), STR_ARG(return_to)));

	buf_add(&url, to.authorization);
	buf_add(&url, memchr(to.authorization.ptr, '?', to.authorization.len)
			  ? STR("&response_type=code")
			  : STR("?response_type=code"));
	provider_add_argument(&url, STR("client_id"), s->client_id);
	provider_add_argument(&url, STR("redirect_uri"), callback);
	provider_add_argument(&url, STR("scope"), scopes_of(a, s));
	provider_add_argument(&url, STR("state"), state);
	provider_add_argument(&url, STR("nonce"), derive(a, "nonce", value));
	provider_add_argument(&url, STR("code_challenge"),
	    challenge_of(a, derive(a, "verifier", value)));
	provider_add_argument(&url, STR("code_challenge_method"), STR("S256"));
	*ret_location = buf_str(&url);
	*ret = (struct cookie){ cookie_name(a, binding), value };
	return OK;
}

struct str
cookie_find(struct str header, struct str name)
{
	while (header.len != 0) {
		struct str value = str_trim(str_cut(&header, ';'));
		struct str found = str_cut(&value, '=');

		if (str_eq(found, name) && value.ptr != NULL)
			return value;
	}
	return (struct str){ 0 };
}

enum err
code_flow_open(struct call *c, const struct keys *keys,
    const struct provider *p, const struct code_flow_answer *answer,
    struct code_flow_state *ret)
{
	struct arena *a = c->arena;
	struct str text = { 0 }, binding;
	struct cookie cookie;
	int64_t expires_s;

	if (answer->state.len == 0 ||
	    !unseal(a, keys, about_state(a, p), answer->state, &text) ||
	    !str_to_int(str_cut(&text, ' '), &expires_s) ||
	    expires_s <= clock_now_us() / CLOCK_SECOND)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Invalid or expired OAuth state");
	binding = str_cut(&text, ' ');
	cookie.name = cookie_name(a, binding);
	cookie.value = cookie_find(answer->cookies, cookie.name);
	if (cookie.value.len == 0 ||
	    !str_eq(derive(a, "binding", cookie.value), binding))
		return fail(c->error, ERR_BAD_REQUEST,
		    "This sign-in was not begun in this browser, or too long "
		    "ago");
	*ret = (struct code_flow_state){ text, cookie };
	return OK;
}

/* ---- the provider's code */

/* RFC 6749, 2.3.1: both parts of the name and password are encoded first. */
static struct str
basic_of(struct arena *a, const struct oidc_settings *s)
{
	struct buf pair = buf_in(a), b = buf_in(a);
	size_t room;

	provider_encode(&pair, s->client_id);
	buf_add_char(&pair, ':');
	provider_encode(&pair, s->client_secret);
	room =
	    sodium_base64_encoded_len(pair.len, sodium_base64_VARIANT_ORIGINAL);
	buf_add(&b, STR("Basic "));
	(void)sodium_bin2base64(buf_reserve(&b, room), room,
	    (const uint8_t *)pair.data, pair.len,
	    sodium_base64_VARIANT_ORIGINAL);
	b.len += room - 1; /* without the NUL */
	return buf_str(&b);
}

static struct provider_request
request_of(struct arena *a, const struct oidc_settings *s,
    const struct provider_addresses *to, struct str callback,
    const struct code_flow_answer *answer, struct str verifier)
{
	struct provider_request r = { .url = to->token };
	struct buf form = buf_in(a);

	buf_add(&form, STR("grant_type=authorization_code"));
	provider_add_argument(&form, STR("code"), answer->code);
	provider_add_argument(&form, STR("redirect_uri"), callback);
	provider_add_argument(&form, STR("code_verifier"), verifier);
	if (s->client_secret.len == 0 || to->secret_in_form)
		provider_add_argument(&form, STR("client_id"), s->client_id);
	if (s->client_secret.len != 0 && to->secret_in_form)
		provider_add_argument(
		    &form, STR("client_secret"), s->client_secret);
	else if (s->client_secret.len != 0)
		r.authorization = basic_of(a, s);
	r.form = buf_str(&form);
	return r;
}

static enum err
refuse(struct call *c, const char *why)
{
	return fail(c->error, ERR_NOT_AUTHORIZED,
	    "OpenID Connect validation failed: %s", why);
}

/* The provider's word for an error, if it is one: RFC 6749, 5.2. */
static struct str
word_of(struct arena *a, struct str said)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < said.len && i < 64; i++)
		if (said.ptr[i] == '_' ||
		    (said.ptr[i] >= 'a' && said.ptr[i] <= 'z'))
			buf_add_char(&b, said.ptr[i]);
	return buf_str(&b);
}

static enum err
redeem(struct call *c, struct provider *p, const struct provider_request *r,
    struct str *ret_token)
{
	struct provider_answer answer = { 0 };
	struct str said = { 0 };
	yyjson_val *json = NULL;
	struct error ignored;

	TRY(provider_send(c, provider_settings(p), r, &answer));
	if (json_parse(c->arena, answer.body, &json, &ignored) != OK)
		json = NULL;
	*ret_token = json_str(json_member(json, STR("id_token")));
	if (answer.status == 200 && ret_token->len != 0)
		return OK;
	said = word_of(c->arena, json_str(json_member(json, STR("error"))));
	return fail(c->error, ERR_NOT_AUTHORIZED,
	    "Failed to exchange token: the provider answers %d " STR_FMT,
	    answer.status, STR_ARG(said));
}

/* OpenID Connect Core, 3.1.3.7. */
static enum err
check_id_token(
    struct call *c, struct provider *p, const struct jwt *t, struct str nonce)
{
	const struct oidc_settings *s = provider_settings(p);
	yyjson_val *azp = json_member(t->claims, STR("azp"));
	bool allowed = false;

	for (size_t i = 0; i < s->algorithms.count; i++)
		allowed =
		    allowed || str_eq(t->signature.alg, s->algorithms.at[i]);
	if (!allowed)
		return refuse(c, "its algorithm is not allowed");
	if (!str_eq(t->issuer, s->issuer))
		return refuse(c, "it is of another issuer");
	if (!jwt_is_for(t, &s->client_id, 1) ||
	    (azp != NULL && !str_eq(json_str(azp), s->client_id)))
		return refuse(c, "it is for another client");
	if (!str_eq(json_str(json_member(t->claims, STR("nonce"))), nonce))
		return refuse(c, "it is of another sign-in");
	TRY(jwt_check_times(t, clock_now_us() / CLOCK_SECOND, c->error));
	return provider_verify(p, c, t);
}

enum err
code_flow_end(struct call *c, struct provider *p, struct str callback,
    const struct code_flow_answer *answer, const struct code_flow_state *state,
    struct subject *ret)
{
	const struct oidc_settings *s = provider_settings(p);
	struct str secret = state->cookie.value, token;
	struct provider_addresses to;
	struct provider_request r;
	struct jwt t;

	if (c->nowait)
		return usage_would_block(c, "A provider is to be asked");
	if (answer->code.len == 0 || answer->code.len > CODE_MAX)
		return fail(c->error, ERR_NOT_AUTHORIZED,
		    "The provider '" STR_FMT "' has signed nobody in: " STR_FMT,
		    STR_ARG(s->name),
		    STR_ARG(word_of(c->arena, answer->error)));
	TRY(provider_addresses(p, c, &to));
	/* RFC 9207: else another provider's code could be sent here */
	if ((to.says_issuer || answer->issuer.ptr != NULL) &&
	    !str_eq(answer->issuer, s->issuer))
		return refuse(c, "the answer is of another issuer");
	r = request_of(c->arena, s, &to, callback, answer,
	    derive(c->arena, "verifier", secret));
	TRY(bulkhead_enter(c, BULKHEAD_PROBE));
	TRY(bulkhead_leave(c, BULKHEAD_PROBE, redeem(c, p, &r, &token)));
	TRY(jwt_read(c->arena, token, &t, c->error));
	TRY(check_id_token(c, p, &t, derive(c->arena, "nonce", secret)));
	return subject_read(c->arena, s, &t, ret, c->error);
}
