#include "identity/token_keys.h"

#include <sodium.h>

#include "cache/record_cache.h"
#include "record/audit.h"
#include "record/batch.h"
#include "record/control.h"

#define FIRST STR("jwt")
#define NUMBERED STR("jwt-")
#define NEWEST STR("jwt-newest")

/* Rows of keys, with those that are about to be deleted. */
#define ROWS_MAX 64

struct stored_key {
	int64_t number, created_us;
	const uint8_t *secret;
};

/* By number, the newest first. */
struct stored_keys {
	struct stored_key at[ROWS_MAX];
	size_t count;
};

static struct value
name_of(struct arena *a, int64_t number)
{
	return value_text(number == 1
			      ? FIRST
			      : arena_printf(a, "jwt-%lld", (long long)number));
}

/* False: the row is another secret. */
static bool
number_of(struct str name, int64_t *ret)
{
	*ret = 1;
	if (str_eq(name, FIRST))
		return true;
	return str_starts_with(name, NUMBERED) &&
	       str_to_int((struct str){ name.ptr + NUMBERED.len,
			      name.len - NUMBERED.len },
		   ret);
}

static void
insert_sorted(struct stored_keys *keys, struct stored_key key)
{
	size_t i = keys->count++;

	for (; i != 0 && keys->at[i - 1].number < key.number; i--)
		keys->at[i] = keys->at[i - 1];
	keys->at[i] = key;
}

static enum err
read_rows(struct call *c, struct stored_keys *ret)
{
	struct scan scan = { .entity = ENTITY_SECRETS, .index = INDEX_KEY };
	struct rows rows;

	ret->count = 0;
	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count && ret->count < ROWS_MAX; i++) {
		const struct value *row = rows.row[i];
		struct str secret = value_str_or_absent(row[SECRET_VALUE]);
		struct stored_key key = {
			.created_us = value_int_or(row[SECRET_CREATED_US], 0),
			.secret = (const uint8_t *)secret.ptr,
		};

		if (!number_of(
			value_str_or_absent(row[SECRET_NAME]), &key.number))
			continue;
		if (secret.len != TOKEN_KEY_BYTES)
			return fail(c->error, ERR_INTERNAL,
			    "The store's record `secrets` \"jwt\" holds no "
			    "key");
		insert_sorted(ret, key);
	}
	return OK;
}

static void
put_key(struct batch *b, int64_t number, int64_t now_us)
{
	struct arena *a = b->call->arena;
	struct value *row = batch_insert(b, ENTITY_SECRETS);
	uint8_t *secret = ARENA_NEW(a, uint8_t, TOKEN_KEY_BYTES);

	keys_random_secret(secret);
	row[SECRET_NAME] = name_of(a, number);
	row[SECRET_VALUE] =
	    value_bytes((struct str){ (const char *)secret, TOKEN_KEY_BYTES });
	row[SECRET_CREATED_US] = value_int(now_us);
}

/* Somebody else's key is as good: what is stored counts. */
static enum err
make_first(struct call *c)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	put_key(&b, 1, clock_now_us());
	return batch_apply(&b, 0, &verdict, &failed);
}

/* When the last token of a key has expired; 0: it signs. */
static int64_t
end_of(const struct stored_keys *keys, size_t i)
{
	return i == 0 ? 0 : keys->at[i - 1].created_us + TOKEN_KEY_REST_US;
}

/* How many keys have not ended: the first ones of the list. */
static size_t
live(const struct stored_keys *keys, int64_t now_us)
{
	size_t count = keys->count;

	while (count > 1 && end_of(keys, count - 1) <= now_us)
		count--;
	return count;
}

static void
use(const struct stored_keys *stored, struct keys *ret)
{
	uint8_t secrets[TOKEN_KEYS_MAX * TOKEN_KEY_BYTES];
	size_t count = live(stored, clock_now_us());

	if (count > TOKEN_KEYS_MAX)
		count = TOKEN_KEYS_MAX;
	for (size_t i = 0; i < count; i++)
		memcpy(secrets + i * TOKEN_KEY_BYTES, stored->at[i].secret,
		    TOKEN_KEY_BYTES);
	keys_init(ret, secrets, count);
	for (size_t i = 0; i < count; i++)
		ret->at[i].until_s = end_of(stored, i) / CLOCK_SECOND;
	ret->newest = stored->at[0].number;
	sodium_memzero(secrets, sizeof(secrets));
}

enum err
keys_load(struct call *c, struct keys *ret)
{
	struct stored_keys stored;

	TRY(read_rows(c, &stored));
	if (stored.count == 0) {
		TRY(make_first(c));
		TRY(read_rows(c, &stored));
	}
	if (stored.count == 0)
		return fail(c->error, ERR_INTERNAL,
		    "The store has no record `secrets` \"jwt\"");
	use(&stored, ret);
	return OK;
}

/* Of two threads that learn at once one is late. */
static void
replace_older(const struct keys *_Atomic *io, const struct stored_keys *stored)
{
	const struct keys *old = atomic_load(io);
	struct arena *a;
	struct keys *keys;

	if (stored->count == 0 || stored->at[0].number <= old->newest)
		return;
	a = arena_new_hidden();
	keys = ARENA_NEW(a, struct keys, 1);
	use(stored, keys);
	keys->stateless = old->stateless;
	keys->stateless_s = old->stateless_s;
	keys->ended = old->ended;
	keys->verified = old->verified;
	keys->before = old;
	keys->arena = a;
	if (!atomic_compare_exchange_strong(io, &old, keys))
		arena_free(a);
}

enum err
keys_learn(struct call *c, const struct keys *_Atomic *io)
{
	const struct control_ref ref = { .kind = CONTROL_SECRET,
		.name = NEWEST };
	const struct keys *old = atomic_load(io);
	struct stored_keys stored;
	const struct value *row;
	int64_t newest;

	if (old->newest == 0)
		return OK;
	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL ||
	    !str_to_int(value_str_or_absent(row[SECRET_VALUE]), &newest) ||
	    newest <= old->newest)
		return OK;
	TRY(read_rows(c, &stored));
	replace_older(io, &stored);
	return OK;
}

static void
put_newest(struct batch *b, int64_t number, int64_t now_us)
{
	struct value *row = batch_replace(b, ENTITY_SECRETS);

	row[SECRET_NAME] = value_text(NEWEST);
	row[SECRET_VALUE] = value_bytes(
	    arena_printf(b->call->arena, "%lld", (long long)number));
	row[SECRET_CREATED_US] = value_int(now_us);
	control_name(b, CONTROL_SECRET, NEWEST);
}

static enum err
may_rotate(struct call *c, const struct keys *now, size_t count)
{
	if (now->newest == 0)
		return fail(c->error, ERR_CONFLICT,
		    "Tokens are signed with auth.token_secret: the setting "
		    "rotates them");
	if (count >= TOKEN_KEYS_MAX)
		return fail(c->error, ERR_CONFLICT,
		    "There are %d keys already whose tokens may be valid: the "
		    "oldest ends a year after the next one was made",
		    TOKEN_KEYS_MAX);
	return OK;
}

enum err
keys_rotate(struct call *c, const struct keys *_Atomic *io)
{
	int64_t now_us = clock_now_us();
	struct batch b = batch_of(c);
	struct id system = { 0 };
	struct stored_keys stored;
	enum verdict verdict;
	size_t failed, count;

	TRY(read_rows(c, &stored));
	count = live(&stored, now_us);
	TRY(may_rotate(c, *io, count));
	put_key(&b, stored.at[0].number + 1, now_us);
	put_newest(&b, stored.at[0].number + 1, now_us);
	for (size_t i = count; i < stored.count; i++)
		batch_delete(
		    &b, ENTITY_SECRETS, name_of(c->arena, stored.at[i].number));
	audit_add(&b, system, system, (struct str){ 0 });
	TRY(control_apply(&b, system, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT,
		    "Another request makes a key at this moment");
	TRY(read_rows(c, &stored));
	replace_older(io, &stored);
	return OK;
}
