#include "api/sign_in_limit.h"

#include <arpa/inet.h>

#include "api/request_limit.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "identity/principal.h"

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
refuse(struct request *r, unsigned limit, int64_t wait_us)
{
	return limit_refuse(
	    r, GAUGE_AUTH_THROTTLED, "failed sign-ins", limit, wait_us);
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

static unsigned
limit_of_address(const struct request *r)
{
	return limit_of(r) * ADDRESS_TIMES;
}

static bool
has_room(struct request *r, uint64_t key, unsigned limit, struct attempt *ret,
    int64_t *ret_wait_us)
{
	const struct settings *s = r->app->settings;
	const struct attempts_rule rule = { limit, s->auth_rate_window_us,
		s->auth_longest_pause_us };

	return attempts_charge(
	    r->app->attempts, key, &rule, clock_mono_us(), ret, ret_wait_us);
}

/* ERR_SLOW_DOWN: there are too many already. */
static enum err
charge(struct request *r, uint64_t key, unsigned limit, struct attempt *ret)
{
	int64_t wait_us;

	return has_room(r, key, limit, ret, &wait_us)
		   ? OK
		   : refuse(r, limit, wait_us);
}

static enum err
begin_key(struct request *r, uint64_t address, struct sign_in_try *ret)
{
	unsigned limit = limit_of_address(r);
	int64_t wait_us =
	    attempts_wait_us(r->app->attempts, address, limit, clock_mono_us());

	ret->charge_later = address;
	return wait_us == 0 ? OK : refuse(r, limit, wait_us);
}

enum err
sign_in_begin(struct request *r, struct str account, struct sign_in_try *ret)
{
	struct attempts *a = attempts_of(r);
	struct str network;
	uint64_t address;
	enum err err;

	*ret = (struct sign_in_try){ 0 };
	if (a == NULL)
		return OK;
	network = network_of(r->arena, r->client);
	address = attempts_key(a, 'i', network, STR(""));
	if (account.ptr == NULL)
		return begin_key(r, address, ret);
	ret->mark = attempts_key(a, 'k', account, network);
	TRY(charge(r, address, limit_of_address(r), &ret->address));
	if (attempts_is_marked(a, ret->mark, clock_mono_us()))
		return OK;
	err = charge(r, attempts_key(a, 'a', account, STR("")), limit_of(r),
	    &ret->account);
	if (err != OK)
		attempts_give_back(a, ret->address);
	return err;
}

enum err
sign_in_begin_again(struct request *r, struct sign_in_try *ret)
{
	struct attempts *a = attempts_of(r);

	*ret = (struct sign_in_try){ 0 };
	if (a == NULL)
		return OK;
	return charge(r, attempts_key(a, 'c', r->principal->username, STR("")),
	    limit_of(r), &ret->account);
}

void
sign_in_end(struct request *r, const struct sign_in_try *t, enum err err)
{
	struct attempts *a = attempts_of(r);
	struct attempt ignored;
	int64_t wait_us;

	if (a == NULL)
		return;
	if (err == ERR_NOT_AUTHORIZED) {
		if (t->charge_later != 0)
			(void)has_room(r, t->charge_later, limit_of_address(r),
			    &ignored, &wait_us);
		return;
	}
	attempts_give_back(a, t->address);
	attempts_give_back(a, t->account);
	if (err == OK && t->mark != 0)
		attempts_mark(a, t->mark, KNOWN_US, clock_mono_us());
}

void
sign_in_forgive(const struct request *r, struct str account)
{
	struct attempts *a = attempts_of(r);

	if (a == NULL)
		return;
	attempts_forget(a, attempts_key(a, 'a', account, STR("")));
	attempts_forget(a, attempts_key(a, 'c', account, STR("")));
}
