#include "api/sign_in_limit.h"

#include <arpa/inet.h>

#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "shm/attempts.h"

/* Many people may be behind one address. */
#define ADDRESS_TIMES 10

#define KNOWN_US (86400 * CLOCK_SECOND)

/* An IPv6 client has as many addresses as it likes in its network of 64
 * bits. */
static struct str
network_of(struct arena *a, struct str client)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];

	if (client.len >= sizeof(text))
		return client;
	memcpy(text, client.ptr, client.len);
	text[client.len] = '\0';
	if (inet_pton(AF_INET6, text, &address) != 1)
		return client;
	return arena_copy(a, (struct str){ (const char *)address.s6_addr, 8 });
}

static enum err
refuse(struct request *r, int64_t wait_us)
{
	int64_t wait_s = (wait_us + CLOCK_SECOND - 1) / CLOCK_SECOND;

	slot_add_on_thread(
	    &r->app->slots.at[r->app->worker], GAUGE_AUTH_THROTTLED, 1);
	r->retry_after_s =
	    (unsigned short)(wait_s < UINT16_MAX ? wait_s : UINT16_MAX);
	return fail(&r->error, ERR_SLOW_DOWN,
	    "Too many failed sign-ins: try again in %lld s", (long long)wait_s);
}

/* NULL: nothing is counted. */
static struct attempts *
attempts_of(const struct request *r)
{
	return r->app->settings->auth_rate_limit != 0 ? r->app->attempts : NULL;
}

static unsigned
limit_of(const struct request *r)
{
	return (unsigned)r->app->settings->auth_rate_limit;
}

static bool
charge(struct request *r, uint64_t key, unsigned limit, int64_t *ret_wait_us)
{
	const struct settings *s = r->app->settings;
	const struct attempts_rule rule = { limit, s->auth_rate_window_us,
		s->auth_longest_pause_us };

	return attempts_charge(
	    r->app->attempts, key, &rule, clock_mono_us(), ret_wait_us);
}

enum err
sign_in_begin(struct request *r, struct str account, struct sign_in_try *ret)
{
	unsigned of_address = limit_of(r) * ADDRESS_TIMES;
	struct attempts *a = attempts_of(r);
	int64_t now = clock_mono_us(), wait_us;
	struct str network;

	*ret = (struct sign_in_try){ 0 };
	if (a == NULL)
		return OK;
	network = network_of(r->arena, r->client);
	ret->address = attempts_key(a, 'i', network, STR(""));
	if (account.ptr == NULL) {
		wait_us = attempts_wait_us(a, ret->address, of_address, now);
		return wait_us != 0 ? refuse(r, wait_us) : OK;
	}
	ret->known = attempts_key(a, 'k', account, network);
	if (!charge(r, ret->address, of_address, &wait_us))
		return refuse(r, wait_us);
	if (attempts_is_noted(a, ret->known, now))
		return OK;
	ret->account = attempts_key(a, 'a', account, STR(""));
	if (charge(r, ret->account, limit_of(r), &wait_us))
		return OK;
	attempts_give_back(a, ret->address, now);
	return refuse(r, wait_us);
}

void
sign_in_end(struct request *r, const struct sign_in_try *t, enum err err)
{
	struct attempts *a = attempts_of(r);
	bool is_wrong = err == ERR_NOT_AUTHORIZED;
	int64_t now = clock_mono_us(), ignored;

	if (a == NULL || t->address == 0)
		return;
	if (t->known == 0 && is_wrong)
		(void)charge(
		    r, t->address, limit_of(r) * ADDRESS_TIMES, &ignored);
	if (t->known == 0 || is_wrong)
		return;
	attempts_give_back(a, t->address, now);
	if (t->account != 0)
		attempts_give_back(a, t->account, now);
	if (err == OK)
		attempts_note(a, t->known, KNOWN_US, now);
}

void
sign_in_forgive(const struct request *r, struct str account)
{
	struct attempts *a = attempts_of(r);

	if (a != NULL)
		attempts_forget(a, attempts_key(a, 'a', account, STR("")));
}
