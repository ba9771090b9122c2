#include "catalog/sealing.h"

#include <sodium.h>
#include <stdio.h>

#define MARK STR("sealed:1:")
#define ID_CHARS 8
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define MAC_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

struct sealing_key {
	uint8_t secret[KEY_BYTES];
	char id[ID_CHARS + 1];
};

struct sealing_keys {
	size_t count;
	struct sealing_key at[SEALING_KEYS_MAX];
};

/* sodium_malloc(): locked, between guard pages, in no core file. */
static struct sealing_keys *keys;

/* ---- keys */
static void
key_init(struct sealing_key *key, struct str text)
{
	static const uint8_t purpose[] = "pangolin sealing";
	uint8_t name[crypto_generichash_BYTES];

	_Static_assert(
	    sizeof(purpose) >= crypto_generichash_KEYBYTES_MIN, "keyed");
	(void)crypto_generichash(key->secret, sizeof(key->secret),
	    (const uint8_t *)text.ptr, text.len, purpose, sizeof(purpose));
	(void)crypto_generichash(
	    name, sizeof(name), key->secret, sizeof(key->secret), NULL, 0);
	(void)sodium_bin2hex(key->id, sizeof(key->id), name, ID_CHARS / 2);
}

static enum err
add_key(struct sealing_keys *to, struct str text, struct error *e)
{
	if (text.len == 0)
		return OK;
	if (text.len < SEALING_KEY_MIN)
		return fail(e, ERR_VALIDATION,
		    "warehouse.sealing_key: a key has %d characters at least",
		    SEALING_KEY_MIN);
	if (to->count == SEALING_KEYS_MAX)
		return fail(e, ERR_VALIDATION,
		    "warehouse.sealing_key: there are more than %d keys",
		    SEALING_KEYS_MAX);
	key_init(&to->at[to->count++], text);
	return OK;
}

enum err
sealing_set_keys(struct str texts, struct error *e)
{
	struct sealing_keys *made = NULL;
	enum err err = OK;

	if (sodium_init() >= 0)
		made = sodium_malloc(sizeof(*made));
	if (made == NULL)
		return fail(e, ERR_UNAVAILABLE, "No memory for sealing keys");
	sodium_memzero(made, sizeof(*made));
	while (texts.ptr != NULL && err == OK)
		err = add_key(made, str_trim(str_cut(&texts, ',')), e);
	if (err != OK) {
		sodium_free(made);
		return err;
	}
	(void)sodium_mprotect_readonly(made);
	sodium_free(keys);
	keys = made;
	return OK;
}

static const struct sealing_key *
key_named(struct str id)
{
	for (size_t i = 0; keys != NULL && i < keys->count; i++)
		if (str_eq(id, str_from(keys->at[i].id)))
			return &keys->at[i];
	return NULL;
}

/* ---- texts */
enum err
sealing_seal(struct arena *a, const char *what, struct str about,
    struct str text, struct str *ret, struct error *e)
{
	size_t len = NONCE_BYTES + text.len + MAC_BYTES;
	size_t room = sodium_base64_encoded_len(len, BASE64);
	unsigned long long written;

	if (keys == NULL || keys->count == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "%s: the server has no key to seal secrets with: set "
		    "warehouse.sealing_key, the same on all nodes",
		    what);

	const struct sealing_key *key = &keys->at[0];
	uint8_t *raw = ARENA_NEW(a, uint8_t, len);
	char *base64 = ARENA_NEW(a, char, room);

	randombytes_buf(raw, NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(raw + NONCE_BYTES,
	    &written, (const uint8_t *)text.ptr, text.len,
	    (const uint8_t *)about.ptr, about.len, NULL, raw, key->secret);
	(void)sodium_bin2base64(base64, room, raw, len, BASE64);
	*ret = arena_printf(a, STR_FMT "%s:%s", STR_ARG(MARK), key->id, base64);
	return OK;
}

static bool
decrypt(struct arena *a, const struct sealing_key *key, struct str about,
    struct str base64, struct str *ret)
{
	uint8_t *raw = ARENA_NEW(a, uint8_t, base64.len + 1);
	unsigned long long written;
	size_t len;

	if (sodium_base642bin(raw, base64.len, base64.ptr, base64.len, NULL,
		&len, NULL, BASE64) != 0 ||
	    len < NONCE_BYTES + MAC_BYTES)
		return false;

	uint8_t *text = ARENA_NEW(a, uint8_t, len);

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, &written, NULL,
		raw + NONCE_BYTES, len - NONCE_BYTES,
		(const uint8_t *)about.ptr, about.len, raw, key->secret) != 0)
		return false;
	*ret = (struct str){ (const char *)text, (size_t)written };
	return true;
}

enum err
sealing_open(struct arena *a, const char *what, struct str about,
    struct str sealed, struct str *ret, struct error *e)
{
	struct str rest = sealed;

	if (!str_starts_with(sealed, MARK)) {
		*ret = sealed;
		return OK;
	}
	rest = str_skip(sealed, MARK.len);

	struct str id = str_cut(&rest, ':');
	const struct sealing_key *key = key_named(id);

	arena_wipe(a);
	if (key != NULL && decrypt(a, key, about, rest, ret))
		return OK;
	if (key != NULL)
		return fail(e, ERR_UNAVAILABLE,
		    "%s: the sealed value was changed in the store: set it "
		    "anew",
		    what);
	return fail(e, ERR_UNAVAILABLE,
	    "%s: it is sealed with the key " STR_FMT ", which this server does "
	    "not have: name it in warehouse.sealing_key, or set the value anew",
	    what, STR_ARG(id));
}

bool
sealing_is_current(struct str sealed)
{
	struct str rest;

	if (keys == NULL || keys->count == 0)
		return true;
	if (!str_starts_with(sealed, MARK))
		return false;
	rest = str_skip(sealed, MARK.len);
	return str_eq(str_cut(&rest, ':'), str_from(keys->at[0].id));
}
