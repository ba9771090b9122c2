/* password_hash.c - argon2id by libsodium, in a bulkhead of its own, on threads
 * of low priority. */
#include "identity/password_hash.h"

#include <errno.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/niced.h"
#include "calls/bulkheads.h"

/* OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
#define WORK_PASSES 2
#define WORK_BYTES ((size_t)19 << 20)

static enum err
begin_hash(struct call *c)
{
	if (sodium_init() < 0)
		abort();
	return bulkhead_enter(c, BULKHEAD_PASSWORD);
}

static enum err
no_memory(struct call *c)
{
	return fail(
	    c->error, ERR_UNAVAILABLE, "Not enough memory to check a password");
}

enum err
password_check(struct str password, struct error *e)
{
	if (password.len < PASSWORD_MIN || password.len > PASSWORD_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "password: %d to %d bytes are expected", PASSWORD_MIN,
		    PASSWORD_MAX);
	return OK;
}

struct hashing {
	struct str password;
	const char *expected; /* NULL: one that cannot match */
	char *made;
	int status, cause; /* cause: errno */
};

static void
hash_now(void *arg)
{
	struct hashing *h = arg;

	h->status = crypto_pwhash_str(
	    h->made, h->password.ptr, h->password.len, WORK_PASSES, WORK_BYTES);
}

enum err
password_hash(struct call *c, struct str password, struct str *ret)
{
	struct hashing h = { .password = password,
		.made = ARENA_NEW(c->arena, char, crypto_pwhash_STRBYTES) };

	TRY(begin_hash(c));
	niced_run(hash_now, &h);
	(void)bulkhead_leave(c, BULKHEAD_PASSWORD, OK);
	if (h.status != 0)
		return no_memory(c);
	*ret = str_from(h.made);
	return OK;
}

/* As much work as a password that could match. */
static int
work_for_nothing(struct str password)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char key[32];

	return crypto_pwhash(key, sizeof(key), password.ptr, password.len, salt,
	    WORK_PASSES, WORK_BYTES, crypto_pwhash_ALG_ARGON2ID13);
}

static void
verify_now(void *arg)
{
	struct hashing *h = arg;

	errno = 0;
	h->status = h->expected != NULL ? crypto_pwhash_str_verify(h->expected,
					      h->password.ptr, h->password.len)
					: work_for_nothing(h->password);
	h->cause = errno;
}

enum err
password_verify(struct call *c, struct str hash, struct str password, bool *ret)
{
	bool possible = hash.ptr != NULL && password.len <= PASSWORD_MAX;
	struct hashing h = { .password = password,
		.expected = possible ? arena_cstr(c->arena, hash) : NULL };

	if (password.len > PASSWORD_MAX)
		h.password.len = PASSWORD_MAX;
	TRY(begin_hash(c));
	niced_run(verify_now, &h);
	(void)bulkhead_leave(c, BULKHEAD_PASSWORD, OK);
	if (h.status != 0 && h.cause == ENOMEM)
		return no_memory(c);
	*ret = possible && h.status == 0;
	return OK;
}

bool
password_needs_rehash(struct arena *a, struct str hash)
{
	return crypto_pwhash_str_needs_rehash(
		   arena_cstr(a, hash), WORK_PASSES, WORK_BYTES) != 0;
}

struct str
password_random(struct arena *a)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789";
	const size_t len = 24;
	char *text = ARENA_NEW(a, char, len);

	if (sodium_init() < 0)
		abort();
	for (size_t i = 0; i < len; i++)
		text[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	return (struct str){ text, len };
}
