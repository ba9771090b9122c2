#include "api/sign_in_limit.h"

#include <arpa/inet.h>

#include "api/request_limit.h"
#include "app/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/settings.h"
#include "identity/principal.h"
#include "record/rates.h"

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
charge_here(
    struct request *r, uint64_t key, unsigned limit, struct sign_in_charge *ret)
{
	int64_t wait_us;

	return has_room(r, key, limit, &ret->attempt, &wait_us)
		   ? OK
		   : refuse(r, limit, wait_us);
}

/* The account, or the account and address, that sign-ins are counted by. */
struct counted {
	char kind;
	struct str name;
	unsigned limit;
};

static uint64_t
key_of(const struct request *r, const struct counted *of)
{
	return attempts_key(r->app->attempts, of->kind, of->name, STR(""));
}

/* Of a count that is full a flood of sign-ins asks the store little. */
static bool
may_ask(struct request *r, uint64_t key)
{
	static const struct attempts_rule once = { 1, CLOCK_SECOND,
		CLOCK_SECOND };
	const struct str full = { (const char *)&key, sizeof(key) };
	struct attempt ignored;
	int64_t wait_us;

	return attempts_charge(r->app->attempts,
	    attempts_key(r->app->attempts, 'q', full, STR("")), &once,
	    clock_mono_us(), &ignored, &wait_us);
}

static enum err
charge_row(struct request *r, const struct counted *of,
    struct sign_in_charge *ret, int64_t *ret_wait_us)
{
	const struct settings *s = r->app->settings;
	const struct rates_rule rule = { of->limit, s->auth_rate_window_us,
		s->auth_longest_pause_us };
	struct id row = rates_id(of->kind, of->name);
	struct count_call c;
	int open = FATE_OPEN;

	TRY(rates_charge(
	    count_call_of(r, &c), row, &rule, &ret->begun_us, ret_wait_us));
	if (*ret_wait_us != 0)
		return OK;
	ret->row = row;
	/* it is not charged again, but waits for its permits on its thread */
	(void)atomic_compare_exchange_strong(
	    &r->usage.fate, &open, FATE_WRITES);
	return OK;
}

/* While the store takes no writes each node counts for itself. */
static enum err
charge_shared(
    struct request *r, const struct counted *of, struct sign_in_charge *ret)
{
	struct attempts *a = r->app->attempts;
	uint64_t key = key_of(r, of);
	int64_t full_us, wait_us;

	if (r->nowait)
		return fail(&r->error, ERR_WOULD_BLOCK,
		    "Failed sign-ins are counted in the store");
	full_us = attempts_wait_us(a, key, of->limit, clock_mono_us());
	if (full_us != 0 && !may_ask(r, key))
		return refuse(r, of->limit, full_us);
	if (charge_row(r, of, ret, &wait_us) != OK)
		return charge_here(r, key, of->limit, ret);
	if (wait_us == 0) {
		if (full_us != 0)
			attempts_forget(a, key);
		return OK;
	}
	attempts_fill(a, key, of->limit, wait_us, clock_mono_us());
	return refuse(r, of->limit, wait_us);
}

static enum err
charge(struct request *r, const struct counted *of, struct sign_in_charge *ret)
{
	return r->app->settings->limits.rate_shared
		   ? charge_shared(r, of, ret)
		   : charge_here(r, key_of(r, of), of->limit, ret);
}

/* A row that cannot be reached keeps the charge until its window is over. */
static void
give_back(struct request *r, const struct sign_in_charge *charged)
{
	struct count_call c;

	attempts_give_back(r->app->attempts, charged->attempt);
	if (!id_is_nil(charged->row) &&
	    rates_give_back(
		count_call_of(r, &c), charged->row, charged->begun_us) != OK)
		log_line(LEVEL_WARN, "a right sign-in stays counted: %s",
		    c.error.message);
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
	struct counted address;
	enum err err;

	*ret = (struct sign_in_try){ 0 };
	if (a == NULL)
		return OK;
	network = network_of(r->arena, r->client);
	address = (struct counted){ 'i', network, limit_of_address(r) };
	if (account.ptr == NULL)
		return begin_key(r, key_of(r, &address), ret);
	ret->mark = attempts_key(a, 'k', account, network);
	if (attempts_is_marked(a, ret->mark, clock_mono_us()))
		return charge_here(
		    r, key_of(r, &address), limit_of_address(r), &ret->address);
	TRY(charge(r, &address, &ret->address));
	err = charge(
	    r, &(struct counted){ 'a', account, limit_of(r) }, &ret->account);
	if (err != OK)
		give_back(r, &ret->address);
	return err;
}

enum err
sign_in_begin_again(struct request *r, struct sign_in_try *ret)
{
	struct attempts *a = attempts_of(r);

	*ret = (struct sign_in_try){ 0 };
	if (a == NULL)
		return OK;
	return charge(r,
	    &(struct counted){ 'c', r->principal->username, limit_of(r) },
	    &ret->account);
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
	give_back(r, &t->address);
	give_back(r, &t->account);
	if (err == OK && t->mark != 0)
		attempts_mark(a, t->mark, KNOWN_US, clock_mono_us());
}

void
sign_in_forgive(struct request *r, struct str account)
{
	struct attempts *a = attempts_of(r);
	struct count_call c;

	if (a == NULL)
		return;
	for (const char *kind = "ac"; *kind != '\0'; kind++) {
		attempts_forget(a, attempts_key(a, *kind, account, STR("")));
		if (r->app->settings->limits.rate_shared &&
		    rates_forget(
			count_call_of(r, &c), rates_id(*kind, account)) != OK)
			log_line(LEVEL_WARN, "failed sign-ins stay counted: %s",
			    c.error.message);
	}
}
