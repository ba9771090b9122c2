#include "identity/root_basic.h"

#include <sodium.h>

#include "cache/record_cache.h"
#include "calls/usage.h"
#include "identity/users.h"
#include "record/control.h"
#include "shm/verified.h"

/* The hash has no NUL, so it ends at one and no two passwords look alike. */
static void
mac_of(const struct keys *keys, const struct user *u, struct str password,
    uint8_t ret[VERIFIED_BYTES])
{
	crypto_generichash_state state;
	const uint8_t *hash = (const uint8_t *)u->password_hash.ptr;
	const uint8_t *text = (const uint8_t *)password.ptr;

	_Static_assert(VERIFIED_BYTES == crypto_generichash_BYTES, "a MAC");
	(void)crypto_generichash_init(&state, keys->stateless.secret,
	    sizeof(keys->stateless.secret), VERIFIED_BYTES);
	(void)crypto_generichash_update(
	    &state, (const uint8_t *)"basic", sizeof("basic"));
	(void)crypto_generichash_update(&state, u->id.b, sizeof(u->id.b));
	(void)crypto_generichash_update(&state, hash, u->password_hash.len);
	(void)crypto_generichash_update(&state, (const uint8_t *)"", 1);
	(void)crypto_generichash_update(&state, text, password.len);
	(void)crypto_generichash_final(&state, ret, VERIFIED_BYTES);
	sodium_memzero(&state, sizeof(state));
}

/* Is this the password that was verified, and still root's?  The row is that
 * of now. */
static enum err
recall(struct call *c, const struct keys *keys, struct str username,
    struct str password, struct user *ret, bool *ret_known)
{
	struct control_ref ref = { .kind = CONTROL_USER };
	uint8_t kept[VERIFIED_BYTES], mac[VERIFIED_BYTES];
	const struct value *row;

	*ret_known = false;
	if (keys->verified == NULL)
		return OK;
	verified_get(keys->verified, &ref.id, kept);
	if (id_is_nil(ref.id))
		return OK;
	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL)
		return OK;
	*ret = user_of_row(row);
	mac_of(keys, ret, password, mac);
	*ret_known = ret->active && ret->role == ROLE_ROOT &&
		     str_eq(ret->username, username) &&
		     sodium_memcmp(kept, mac, sizeof(mac)) == 0;
	return OK;
}

static void
remember(const struct keys *keys, const struct user *u, struct str password)
{
	uint8_t mac[VERIFIED_BYTES];

	if (keys->verified == NULL)
		return;
	mac_of(keys, u, password, mac);
	verified_put(keys->verified, u->id, mac);
}

enum err
sign_in_root(struct call *c, const struct keys *keys, struct str username,
    struct str password, struct principal *ret)
{
	const struct login login = { username, password, { { 0 } } };
	struct user user = { 0 };
	bool known;

	TRY(recall(c, keys, username, password, &user, &known));
	if (known) {
		*ret = principal_of_user(&user);
		return OK;
	}
	if (c->nowait)
		return usage_would_block(c, "A password is to be verified");
	TRY(sign_in_checked(c, &login, ROLE_ROOT, &user));
	remember(keys, &user, password);
	*ret = principal_of_user(&user);
	return OK;
}
