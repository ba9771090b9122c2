#include "catalog/session_cache.h"

#include <pthread.h>
#include <sodium.h>

#include "base/clock.h"

#define SESSIONS_MAX 512
#define PRINT_BYTES 32
#define TEXT_MAX 4096 /* of the three texts together; longer is not kept */

struct kept {
	uint8_t print[PRINT_BYTES];     /* of the key */
	int64_t expires_us;             /* 0: free */
	uint16_t access, secret, token; /* lengths */
	char *text;                     /* sodium_malloc() */
};

static struct {
	pthread_mutex_t lock;
	struct kept at[SESSIONS_MAX];
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
print_of(const struct session_key *key, uint8_t ret[PRINT_BYTES])
{
	crypto_generichash_state h;

	(void)crypto_generichash_init(&h, NULL, 0, PRINT_BYTES);
	(void)crypto_generichash_update(
	    &h, (const uint8_t *)&key->warehouse, sizeof(key->warehouse));
	(void)crypto_generichash_update(
	    &h, (const uint8_t *)&key->revision, sizeof(key->revision));
	(void)crypto_generichash_update(
	    &h, (const uint8_t *)key->policy.ptr, key->policy.len);
	(void)crypto_generichash_final(&h, ret, PRINT_BYTES);
}

static struct kept *
find(const uint8_t print[PRINT_BYTES])
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (cache.at[i].expires_us != 0 &&
		    memcmp(cache.at[i].print, print, PRINT_BYTES) == 0)
			return &cache.at[i];
	return NULL;
}

static void
copy_out(struct arena *a, const struct kept *k, struct sts_session *ret)
{
	struct str text = { k->text, (size_t)k->access + k->secret + k->token };
	struct str all = arena_copy(a, text);

	ret->credentials.access_key = (struct str){ all.ptr, k->access };
	ret->credentials.secret_key =
	    (struct str){ all.ptr + k->access, k->secret };
	ret->credentials.session_token =
	    (struct str){ all.ptr + k->access + k->secret, k->token };
	ret->expires_us = k->expires_us;
}

bool
session_cache_find(struct arena *a, const struct session_key *key,
    int64_t until_us, struct sts_session *ret)
{
	uint8_t print[PRINT_BYTES];

	print_of(key, print);
	(void)pthread_mutex_lock(&cache.lock);

	const struct kept *k = find(print);
	bool good = k != NULL && k->expires_us > until_us;

	if (good)
		copy_out(a, k, ret);
	(void)pthread_mutex_unlock(&cache.lock);
	return good;
}

/* That of the key, a free one, or the one that ends first. */
static struct kept *
place_for(const uint8_t print[PRINT_BYTES])
{
	struct kept *first = find(print);

	for (size_t i = 0; first == NULL && i < SESSIONS_MAX; i++)
		if (cache.at[i].expires_us == 0)
			first = &cache.at[i];
	if (first != NULL)
		return first;
	first = &cache.at[0];
	for (size_t i = 1; i < SESSIONS_MAX; i++)
		if (cache.at[i].expires_us < first->expires_us)
			first = &cache.at[i];
	return first;
}

/* Nothing is copied of a text that is absent: memcpy() wants a pointer. */
static char *
append(char *at, struct str text)
{
	return text.len != 0 ? (char *)mempcpy(at, text.ptr, text.len) : at;
}

static char *
text_of(const struct sigv4_credentials *c)
{
	char *text = sodium_malloc(
	    c->access_key.len + c->secret_key.len + c->session_token.len + 1);
	char *at = text;

	if (text == NULL)
		return NULL;
	at = append(at, c->access_key);
	at = append(at, c->secret_key);
	(void)append(at, c->session_token);
	return text;
}

void
session_cache_put(const struct session_key *key, struct sts_session *s)
{
	const struct sigv4_credentials *c = &s->credentials;
	int64_t last_us = clock_now_us() + SESSION_S * CLOCK_SECOND;
	uint8_t print[PRINT_BYTES];
	char *text = NULL;

	if (s->expires_us > last_us)
		s->expires_us = last_us;
	if (c->access_key.len + c->secret_key.len + c->session_token.len <=
		TEXT_MAX &&
	    sodium_init() >= 0)
		text = text_of(c);
	if (text == NULL)
		return;
	print_of(key, print);
	(void)pthread_mutex_lock(&cache.lock);

	struct kept *to = place_for(print);

	sodium_free(to->text);
	*to = (struct kept){ .expires_us = s->expires_us,
		.access = (uint16_t)c->access_key.len,
		.secret = (uint16_t)c->secret_key.len,
		.token = (uint16_t)c->session_token.len,
		.text = text };
	memcpy(to->print, print, PRINT_BYTES);
	(void)pthread_mutex_unlock(&cache.lock);
}
