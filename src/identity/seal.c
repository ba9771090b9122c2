/* seal.c - base64url (RFC 4648, 5) of MAC and text. */
#include "identity/seal.h"

#include <sodium.h>

#include "base/buf.h"

#define URLSAFE sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define MAC_BYTES 16 /* of the 32 that HMAC-SHA256 has (RFC 2104, 5) */

/* The MAC covers a text that begins with a byte that no token begins with, and
 * that tells where `about` ends. */
static void
mac_of(struct arena *a, const struct token_key *key, struct str about,
    struct str text, uint8_t ret[crypto_auth_hmacsha256_BYTES])
{
	struct buf all = buf_in(a);

	buf_add_char(&all, '\0');
	buf_add_int(&all, (int64_t)about.len);
	buf_add_char(&all, ':');
	buf_add(&all, about);
	buf_add(&all, text);
	(void)crypto_auth_hmacsha256(
	    ret, (const uint8_t *)all.data, all.len, key->secret);
}

struct str
seal(
    struct arena *a, const struct keys *keys, struct str about, struct str text)
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	struct buf raw = buf_in(a);

	mac_of(a, &keys->at[0], about, text, mac);
	buf_add(&raw, (struct str){ (const char *)mac, MAC_BYTES });
	buf_add(&raw, text);

	size_t room = sodium_base64_encoded_len(raw.len, URLSAFE);
	char *sealed = ARENA_NEW(a, char, room);

	(void)sodium_bin2base64(
	    sealed, room, (const uint8_t *)raw.data, raw.len, URLSAFE);
	return (struct str){ sealed, room - 1 }; /* without the NUL */
}

bool
unseal(struct arena *a, const struct keys *keys, struct str about,
    struct str sealed, struct str *ret_text)
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	uint8_t *raw = ARENA_NEW(a, uint8_t, sealed.len + 1);
	size_t len;

	if (sodium_base642bin(raw, sealed.len, sealed.ptr, sealed.len, NULL,
		&len, NULL, URLSAFE) != 0 ||
	    len < MAC_BYTES)
		return false;

	struct str text = { (const char *)raw + MAC_BYTES, len - MAC_BYTES };

	for (size_t i = 0; i < keys->count; i++) {
		mac_of(a, &keys->at[i], about, text, mac);
		if (sodium_memcmp(mac, raw, MAC_BYTES) == 0) {
			*ret_text = text;
			return true;
		}
	}
	return false;
}
