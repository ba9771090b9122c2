#include "catalog/chosen_places.h"

#include <pthread.h>

#include <sodium.h>

#include "base/clock.h"
#include "catalog/location_rows.h"
#include "object/object.h"

#define KEY_BYTES 32
#define KEY_NAME STR("places") /* among the secrets of the store */
#define DIGITS 8

/* ---- the key */
struct key_of_places {
	uint8_t bytes[KEY_BYTES];
};

static struct {
	pthread_mutex_t lock;
	bool is_known;
	struct key_of_places key;
} known = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
recall(struct key_of_places *ret)
{
	(void)pthread_mutex_lock(&known.lock);

	bool found = known.is_known;

	if (found)
		*ret = known.key;
	(void)pthread_mutex_unlock(&known.lock);
	return found;
}

static void
remember(const struct key_of_places *key)
{
	(void)pthread_mutex_lock(&known.lock);
	known.key = *key;
	known.is_known = true;
	(void)pthread_mutex_unlock(&known.lock);
}

/* Somebody else's key is as good: what is stored counts. */
static enum err
make_key(struct call *c)
{
	struct batch b = batch_of(c);
	struct value *row = batch_insert(&b, ENTITY_SECRETS);
	char *bytes = ARENA_NEW(c->arena, char, KEY_BYTES);
	enum verdict verdict;

	randombytes_buf(bytes, KEY_BYTES);
	row[SECRET_NAME] = value_text(KEY_NAME);
	row[SECRET_VALUE] = value_bytes((struct str){ bytes, KEY_BYTES });
	row[SECRET_CREATED_US] = value_int(clock_now_us());
	return location_rows_apply(&b, &verdict);
}

static enum err
load_key(struct call *c, struct key_of_places *ret)
{
	struct value name = value_text(KEY_NAME);
	const struct value *row;
	struct str bytes = { 0 };

	TRY(record_find_by_key(c, ENTITY_SECRETS, name, &row));
	if (row == NULL) {
		TRY(make_key(c));
		TRY(record_find_by_key(c, ENTITY_SECRETS, name, &row));
	}
	if (row != NULL)
		bytes = value_str_or_absent(row[SECRET_VALUE]);
	if (bytes.len != KEY_BYTES)
		return fail(c->error, ERR_INTERNAL,
		    "The store's record `secrets` \"places\" holds no key");
	memcpy(ret->bytes, bytes.ptr, KEY_BYTES);
	remember(ret);
	return OK;
}

/* ---- the digits */
static enum err
digits_of(struct call *c, struct id catalog, struct id object, struct str path,
    char ret[DIGITS + 1])
{
	crypto_generichash_state state;
	struct key_of_places key;
	uint8_t mac[crypto_generichash_BYTES_MIN];

	if (!recall(&key))
		TRY(load_key(c, &key));
	(void)crypto_generichash_init(
	    &state, key.bytes, sizeof(key.bytes), sizeof(mac));
	(void)crypto_generichash_update(&state, catalog.b, sizeof(catalog.b));
	(void)crypto_generichash_update(&state, object.b, sizeof(object.b));
	(void)crypto_generichash_update(
	    &state, (const uint8_t *)path.ptr, path.len);
	(void)crypto_generichash_final(&state, mac, sizeof(mac));
	(void)sodium_bin2hex(ret, DIGITS + 1, mac, DIGITS / 2);
	return OK;
}

enum err
chosen_place_name(struct call *c, struct id catalog, struct id object,
    struct str name, struct str *ret)
{
	char digits[DIGITS + 1];

	TRY(digits_of(c, catalog, object, object_path(name), digits));
	*ret = arena_printf(c->arena, STR_FMT "-%s", STR_ARG(name), digits);
	return OK;
}

enum err
chosen_place_is(struct call *c, struct id catalog, struct id object,
    struct str location, bool *ret)
{
	struct str path = object_path(location), end;
	char digits[DIGITS + 1];

	*ret = false;
	if (path.len <= DIGITS + 1)
		return OK;
	path.len -= DIGITS + 1;
	end = (struct str){ path.ptr + path.len, DIGITS + 1 };
	TRY(digits_of(c, catalog, object, path, digits));
	*ret = end.ptr[0] == '-' &&
	       sodium_memcmp(end.ptr + 1, digits, DIGITS) == 0;
	return OK;
}
