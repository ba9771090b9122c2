#include "oidc/provider.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/priority.h"
#include "calls/usage.h"
#include "oidc/provider_http.h"

#define EVERY_US (3600 * CLOCK_SECOND)
#define FORCED_EVERY_US (60 * CLOCK_SECOND)
#define RETRY_MIN_US CLOCK_SECOND
#define WAITERS_MAX 4 /* threads that wait for one provider */
#define URL_MAX 2048

/* The answers of one round. */
struct reading {
	struct jwk_set *keys;
	char authorization[URL_MAX], token[URL_MAX];
	bool says_issuer, secret_in_form;
};

struct provider {
	const struct oidc_settings *settings;
	uint64_t mark;
	pthread_mutex_t lock; /* protects what is up to `wake` */
	pthread_cond_t changed;
	struct reading now; /* keys NULL: nothing was read yet */
	unsigned rounds;    /* that have ended, well or not */
	unsigned waiters;
	bool reading;      /* a round is in progress, or asked for */
	int64_t forced_us; /* when a request last asked; 0: never */
	struct error why;  /* the last round failed; OK: it did not */
	int wake, ended;   /* eventfds */
	_Atomic bool stopping;
};

struct providers {
	size_t count;
	struct provider at[OIDC_PROVIDERS_MAX];
};

/* ---- finding */
struct provider *
provider_named(const struct providers *ps, struct str name)
{
	for (size_t i = 0; ps != NULL && i < ps->count; i++)
		if (str_eq(ps->at[i].settings->name, name))
			return (struct provider *)&ps->at[i];
	return NULL;
}

struct provider *
provider_of_issuer(const struct providers *ps, struct str issuer)
{
	for (size_t i = 0; ps != NULL && i < ps->count; i++)
		if (str_eq(ps->at[i].settings->issuer, issuer) &&
		    ps->at[i].settings->audiences.count != 0)
			return (struct provider *)&ps->at[i];
	return NULL;
}

const struct oidc_settings *
provider_settings(const struct provider *p)
{
	return p->settings;
}

uint64_t
provider_mark(const struct provider *p)
{
	return p->mark;
}

static uint64_t
mark_text(uint64_t mark, struct str s)
{
	mark = hash_add(mark, &s.len, sizeof(s.len));
	return s.len != 0 ? hash_add(mark, s.ptr, s.len) : mark;
}

static uint64_t
mark_of(const struct oidc_settings *s)
{
	uint64_t mark = HASH_START;

	for (const struct setting *row = oidc_table; row->key; row++) {
		const void *field = (const char *)s + row->offset;
		const struct str_list *list = field;

		if (row->type == SETTING_STRING)
			mark = mark_text(mark, *(const struct str *)field);
		if (row->type == SETTING_LIST)
			for (size_t i = 0; i < list->count; i++)
				mark = mark_text(mark, list->at[i]);
	}
	return hash_add(mark, &s->allow_public_signup, sizeof(bool));
}

/* ---- reading */
static enum err
get(struct call *c, const struct provider *p, struct str url, struct str *ret)
{
	const struct provider_request request = { .url = url };
	struct provider_answer answer;

	TRY(provider_send(c, p->settings, &request, &answer));
	if (answer.status != 200)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The provider '" STR_FMT "' answers %d to GET " STR_FMT,
		    STR_ARG(p->settings->name), answer.status, STR_ARG(url));
	*ret = answer.body;
	return OK;
}

/* A URL of the document, which is as safe as the issuer itself.  "": it is not
 * there. */
static bool
take_url(const struct provider *p, const yyjson_val *doc, const char *name,
    char *ret)
{
	struct str url = json_str(json_member(doc, str_from(name)));
	bool plain = str_starts_with(p->settings->issuer, STR("http:"));

	ret[0] = '\0';
	if (url.len == 0)
		return true;
	if (url.len >= URL_MAX || memchr(url.ptr, '\0', url.len) != NULL ||
	    (!str_starts_with(url, STR("https://")) &&
		!(plain && str_starts_with(url, STR("http://")))))
		return false;
	memcpy(ret, url.ptr, url.len);
	ret[url.len] = '\0';
	return true;
}

/* OpenID Connect Discovery, 3: without the member, Basic. */
static bool
wants_secret_in_form(const yyjson_val *doc)
{
	yyjson_val *ways =
	    json_member(doc, STR("token_endpoint_auth_methods_supported"));
	bool basic = ways == NULL, form = false;
	yyjson_val *way;
	size_t i, max;

	yyjson_arr_foreach(ways, i, max, way)
	{
		basic =
		    basic || str_eq(json_str(way), STR("client_secret_basic"));
		form = form || str_eq(json_str(way), STR("client_secret_post"));
	}
	return form && !basic;
}

/* OpenID Connect Discovery, 4: the issuer's slash at the end, if any, is taken
 * off before the path is added, and the document must name the same issuer. */
static enum err
discover(struct call *c, const struct provider *p, struct reading *io,
    char *ret_jwks)
{
	struct str base = p->settings->issuer, text = { 0 };
	yyjson_val *doc = NULL;

	while (str_ends_with(base, STR("/")))
		base.len--;
	TRY(get(c, p,
	    arena_printf(c->arena, STR_FMT "/.well-known/openid-configuration",
		STR_ARG(base)),
	    &text));
	if (json_parse(c->arena, text, &doc, c->error) != OK ||
	    !str_eq(
		json_str(json_member(doc, STR("issuer"))), p->settings->issuer))
		return fail(c->error, ERR_UNAVAILABLE,
		    "The discovery document of the provider '" STR_FMT
		    "' does not name the issuer " STR_FMT,
		    STR_ARG(p->settings->name), STR_ARG(p->settings->issuer));
	io->secret_in_form = wants_secret_in_form(doc);
	io->says_issuer = yyjson_is_true(json_member(
	    doc, STR("authorization_response_iss_parameter_supported")));
	if (!take_url(p, doc, "jwks_uri", ret_jwks) || ret_jwks[0] == '\0' ||
	    !take_url(p, doc, "authorization_endpoint", io->authorization) ||
	    !take_url(p, doc, "token_endpoint", io->token))
		return fail(c->error, ERR_UNAVAILABLE,
		    "The discovery document of the provider '" STR_FMT
		    "' has no safe addresses",
		    STR_ARG(p->settings->name));
	return OK;
}

static enum err
read_provider(struct call *c, const struct provider *p, struct reading *ret)
{
	char jwks[URL_MAX];
	struct str text = { 0 };

	TRY(discover(c, p, ret, jwks));
	TRY(get(c, p, str_from(jwks), &text));
	return jwk_set_read(c->arena, text, &ret->keys, c->error);
}

static void
signal_fd(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void
wait_for(int fd, int64_t us)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t ignored;

	if (poll(&p, 1, (int)(us / CLOCK_MS)) == 1 &&
	    read(fd, &ignored, sizeof(ignored)) < 0)
		abort();
}

/* Says once that a provider fails, and once that it is back. */
static void
end_round(struct provider *p, const struct reading *read, const struct error *e)
{
	struct jwk_set *old = NULL;
	bool said;

	(void)pthread_mutex_lock(&p->lock);
	said = strcmp(p->why.message, e->message) == 0;
	p->why = *e;
	if (read != NULL) {
		old = p->now.keys;
		p->now = *read;
	}
	p->reading = false;
	p->rounds++;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	jwk_set_free(old);
	if (!said && read == NULL)
		log_line(LEVEL_WARN, "sign-in with a provider: %s", e->message);
	else if (!said)
		log_line(LEVEL_INFO, "the provider '" STR_FMT "' answers again",
		    STR_ARG(p->settings->name));
}

static enum err
round_of(struct provider *p, struct arena *arena)
{
	struct reading read = { 0 };
	struct error error = { 0 };
	struct call call = {
		.arena = arena, .error = &error, .deadline_us = INT64_MAX
	};
	enum err err;

	arena_reset(arena);
	(void)pthread_mutex_lock(&p->lock);
	p->reading = true;
	(void)pthread_mutex_unlock(&p->lock);
	err = read_provider(&call, p, &read);
	if (err == OK)
		error = (struct error){ 0 };
	end_round(p, err == OK ? &read : NULL, &error);
	return err;
}

static void *
thread_main(void *arg)
{
	struct provider *p = arg;
	struct arena *arena = arena_new();
	int64_t retry_us = RETRY_MIN_US;

	priority_lower(NICE_TASKS);
	while (!atomic_load(&p->stopping)) {
		if (round_of(p, arena) == OK) {
			retry_us = RETRY_MIN_US;
			wait_for(p->wake, EVERY_US);
		} else {
			wait_for(p->wake, retry_us);
			retry_us = retry_us * 2 < FORCED_EVERY_US
				       ? retry_us * 2
				       : FORCED_EVERY_US;
		}
	}
	arena_free(arena);
	signal_fd(p->ended);
	return NULL;
}

/* ---- opening */
static enum err
start(struct provider *p, const struct oidc_settings *s, struct error *e)
{
	pthread_condattr_t monotonic;

	p->settings = s;
	p->mark = mark_of(s);
	p->reading = true;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	p->wake = eventfd(0, EFD_CLOEXEC);
	p->ended = eventfd(0, EFD_CLOEXEC);
	if (p->wake < 0 || p->ended < 0 ||
	    background_start(thread_main, p) != 0)
		return fail(e, ERR_INTERNAL,
		    "Cannot start the thread of a provider of sign-in; check "
		    "the limits on processes and open files.");
	return OK;
}

enum err
providers_open(
    const struct settings *s, struct providers **ret, struct error *e)
{
	struct providers *ps;

	*ret = NULL;
	if (s->oidc_count == 0)
		return OK;
	ps = calloc(1, sizeof(*ps));
	if (ps == NULL)
		abort();
	for (; ps->count < s->oidc_count; ps->count++)
		TRY(start(&ps->at[ps->count], &s->oidc[ps->count], e));
	*ret = ps;
	return OK;
}

void
providers_stop(struct providers *ps, int64_t wait_us)
{
	int64_t until = clock_mono_us() + wait_us;

	for (size_t i = 0; ps != NULL && i < ps->count; i++) {
		atomic_store(&ps->at[i].stopping, true);
		signal_fd(ps->at[i].wake);
	}
	for (size_t i = 0; ps != NULL && i < ps->count; i++) {
		int64_t left = until - clock_mono_us();

		wait_for(ps->at[i].ended, left > 0 ? left : 0);
	}
}

/* ---- requests */
static void
ask_locked(struct provider *p, int64_t now_us)
{
	if (p->reading || p->now.keys == NULL ||
	    (p->forced_us != 0 && now_us - p->forced_us < FORCED_EVERY_US))
		return;
	p->forced_us = now_us;
	p->reading = true;
	signal_fd(p->wake);
}

/* Waits for the round in progress.  False: there is none, or too many wait. */
static bool
wait_locked(struct provider *p, const struct call *c)
{
	int64_t until = clock_mono_us() + 2 * PROVIDER_WAIT_US;
	unsigned round = p->rounds;
	struct timespec t;
	int waited = 0;

	if (!p->reading || p->waiters == WAITERS_MAX)
		return false;
	if (c->deadline_us < until)
		until = c->deadline_us;
	t = (struct timespec){ until / CLOCK_SECOND,
		until % CLOCK_SECOND * 1000 };
	p->waiters++;
	while (p->rounds == round && waited == 0)
		waited = pthread_cond_timedwait(&p->changed, &p->lock, &t);
	p->waiters--;
	return p->rounds != round;
}

static enum err
refuse(struct provider *p, struct call *c)
{
	return fail(c->error, ERR_UNAVAILABLE,
	    "The keys of the provider '" STR_FMT "' are not known yet: try "
	    "again",
	    STR_ARG(p->settings->name));
}

/* With `stale` a newer set than this one is waited for. */
static struct jwk_set *
keys_of(struct provider *p, const struct call *c, const struct jwk_set *stale)
{
	struct jwk_set *keys = NULL;

	(void)pthread_mutex_lock(&p->lock);
	if (p->now.keys == stale) {
		ask_locked(p, clock_mono_us());
		(void)wait_locked(p, c);
	}
	if (p->now.keys != NULL)
		keys = jwk_set_share(p->now.keys);
	(void)pthread_mutex_unlock(&p->lock);
	return keys;
}

enum err
provider_verify(struct provider *p, struct call *c, const struct jwt *t)
{
	struct jwk_set *keys = keys_of(p, c, NULL), *newer;
	enum jwk_verdict verdict;

	if (keys == NULL)
		return refuse(p, c);
	verdict = jwk_set_verify(keys, &t->signature);
	if (verdict == JWK_UNKNOWN) {
		newer = keys_of(p, c, keys);
		verdict = jwk_set_verify(newer, &t->signature);
		jwk_set_free(newer);
	}
	jwk_set_free(keys);
	if (verdict != JWK_RIGHT)
		return fail(c->error, ERR_NOT_AUTHORIZED, "Invalid token");
	return OK;
}

enum err
provider_addresses(
    struct provider *p, struct call *c, struct provider_addresses *ret)
{
	struct jwk_set *keys;

	if (c->nowait)
		return usage_would_block(c, "A provider may be waited for");
	keys = keys_of(p, c, NULL);
	if (keys == NULL)
		return refuse(p, c);
	jwk_set_free(keys);
	(void)pthread_mutex_lock(&p->lock);
	ret->authorization =
	    arena_copy(c->arena, str_from(p->now.authorization));
	ret->token = arena_copy(c->arena, str_from(p->now.token));
	ret->says_issuer = p->now.says_issuer;
	ret->secret_in_form = p->now.secret_in_form;
	(void)pthread_mutex_unlock(&p->lock);
	if (ret->authorization.len == 0 || ret->token.len == 0)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The provider '" STR_FMT "' offers no sign-in by browser",
		    STR_ARG(p->settings->name));
	return OK;
}
