/* password.c - argon2id by libsodium, in the processor's lane. */
#include "identity/password.h"

#include <errno.h>
#include <stdlib.h>

#include <sodium.h>

#include "plugin/lanes.h"

/* OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
#define WORK_PASSES 2
#define WORK_BYTES ((size_t)19 << 20)

static enum err
begin_hash(struct call *c)
{
	if (sodium_init() < 0)
		abort();
	return lane_enter(c, LANE_CPU);
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

enum err
password_hash(struct call *c, struct str password, struct str *ret)
{
	char *hash = ARENA_NEW(c->arena, char, crypto_pwhash_STRBYTES);

	TRY(begin_hash(c));

	int status = crypto_pwhash_str(
	    hash, password.ptr, password.len, WORK_PASSES, WORK_BYTES);

	(void)lane_leave(c, LANE_CPU, OK);
	if (status != 0)
		return no_memory(c);
	*ret = str_from(hash);
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

enum err
password_verify(struct call *c, struct str hash, struct str password, bool *ret)
{
	bool possible = hash.ptr != NULL && password.len <= PASSWORD_MAX;
	int status;

	if (password.len > PASSWORD_MAX)
		password.len = PASSWORD_MAX;
	TRY(begin_hash(c));
	errno = 0;
	status = possible ? crypto_pwhash_str_verify(arena_cstr(c->arena, hash),
				password.ptr, password.len)
			  : work_for_nothing(password);

	int cause = errno;

	(void)lane_leave(c, LANE_CPU, OK);
	if (status != 0 && cause == ENOMEM)
		return no_memory(c);
	*ret = possible && status == 0;
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
