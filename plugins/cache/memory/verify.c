#include "verify.h"

#include "hash.h"
#include "shard.h"

#define STATES (BLOCK_DROPPED + 1)

/* The sums of a walk over the blocks. */
struct seen {
	const uint64_t *seed;
	struct shard *shard;
	struct error *error;
	int64_t count[STATES];
	int64_t bytes; /* of blocks that are not free */
};

static enum err
broken(struct seen *v, const char *what, uint32_t at)
{
	return fail(v->error, ERR_INTERNAL, "shard %u, block %u: %s",
	    v->shard->number, at, what);
}

#define EXPECT(is, what)                                                       \
	do {                                                                   \
		if (!(is))                                                     \
			return broken(v, (what), at);                          \
	} while (0)

/* ---- blocks */
static enum err
verify_entry(struct seen *v, const struct block *b, uint32_t at)
{
	struct str key = block_key(b), value = block_value(b);
	size_t room = b->size * GRANULE;

	EXPECT((size_t)(key.ptr - (const char *)b) + b->key_len +
		       (size_t)b->value_len <=
		   room,
	    "longer than its block");
	EXPECT(hash_key(v->seed, key) == b->hash, "its key has changed");
	EXPECT(hash_sum(value) == b->checksum, "its value has changed");
	return OK;
}

static enum err
verify_blocks(struct seen *v)
{
	const struct shard *s = v->shard;
	uint32_t at = FIRST_BLOCK, before = 0;
	bool after_free = false;

	while (at < s->granules) {
		const struct block *b = block_at(s, at);
		bool is_free = b->state == BLOCK_FREE;

		EXPECT(b->state < STATES, "no such state");
		EXPECT(b->size != 0 && b->size <= s->granules - at,
		    "its size is wrong");
		EXPECT(b->before == before, "the size before it is wrong");
		EXPECT(!is_free || !after_free, "two free blocks adjoin");
		if (b->state == BLOCK_LINKED)
			TRY(verify_entry(v, b, at));
		v->count[b->state]++;
		v->bytes += is_free ? 0 : (int64_t)(b->size * GRANULE);
		after_free = is_free;
		before = b->size;
		at += b->size;
	}
	return OK;
}

/* ---- lists */
static bool
belongs(const struct block *b, const struct list *l, const struct shard *s)
{
	if (l == &s->state->linked)
		return b->state == BLOCK_LINKED;
	if (l == &s->state->waiting)
		return b->state == BLOCK_FILLING || b->state == BLOCK_DROPPED;
	return b->state == BLOCK_FREE &&
	       l == &s->state->free[heap_class(b->size)];
}

static enum err
verify_list(struct seen *v, const struct list *l, int64_t *count)
{
	const struct shard *s = v->shard;
	uint32_t at = l->first, before = NO_BLOCK;

	while (at != NO_BLOCK) {
		EXPECT(at < s->granules, "a list leads out of the shard");

		const struct block *b = block_at(s, at);

		EXPECT(b->prev == before, "its list is broken");
		EXPECT(belongs(b, l, s), "it is in the wrong list");
		EXPECT(++*count <= s->granules, "its list has no end");
		before = at;
		at = b->next;
	}
	at = before;
	EXPECT(l->last == before, "its list does not know its end");
	return OK;
}

static enum err
verify_lists(struct seen *v)
{
	const struct shard_state *s = v->shard->state;
	int64_t linked = 0, waiting = 0, is_free = 0;
	uint32_t at = NO_BLOCK;

	TRY(verify_list(v, &s->linked, &linked));
	TRY(verify_list(v, &s->waiting, &waiting));
	for (unsigned i = 0; i < CLASSES; i++) {
		TRY(verify_list(v, &s->free[i], &is_free));
		EXPECT((s->free[i].first != NO_BLOCK) ==
			   (s->free_map[i / 64] >> i % 64 & 1),
		    "the map of free blocks is wrong");
	}
	EXPECT(linked == v->count[BLOCK_LINKED], "an entry is in no list");
	EXPECT(is_free == v->count[BLOCK_FREE], "a free block is in no list");
	EXPECT(waiting == v->count[BLOCK_FILLING] + v->count[BLOCK_DROPPED],
	    "a block that waits is in no list");
	return OK;
}

/* ---- buckets */
static enum err
verify_buckets(struct seen *v)
{
	const struct shard *s = v->shard;
	int64_t found = 0;
	uint32_t at = NO_BLOCK;

	for (uint32_t i = 0; i <= s->bucket_mask; i++)
		for (at = atomic_load(&s->bucket[i]); at != NO_BLOCK;) {
			EXPECT(at < s->granules,
			    "a bucket leads out of the shard");

			const struct block *b = block_at(s, at);

			EXPECT(b->state == BLOCK_LINKED,
			    "a bucket has what is no entry");
			EXPECT((b->hash & s->bucket_mask) == i,
			    "it is in the wrong bucket");
			EXPECT(++found <= v->count[BLOCK_LINKED],
			    "its bucket has no end");
			at = b->chain;
		}
	EXPECT(found == v->count[BLOCK_LINKED], "an entry is in no bucket");
	return OK;
}

static enum err
verify_counts(struct seen *v)
{
	struct shard_state *s = v->shard->state;
	uint32_t at = NO_BLOCK;

	EXPECT(atomic_load(&s->entries) == v->count[BLOCK_LINKED],
	    "entries are counted wrongly");
	EXPECT(atomic_load(&s->bytes) == v->bytes, "bytes are counted wrongly");
	return OK;
}

enum err
shard_verify(struct memory *m, struct shard *s, struct error *e)
{
	struct seen v = { .seed = m->shared->seed, .shard = s, .error = e };

	if (!shard_enter(m, s, VERIFY_WAIT_US))
		return fail(e, ERR_UNAVAILABLE,
		    "shard %u is not open: its lock is held, or it is to be "
		    "emptied and somebody still reads from it",
		    s->number);

	enum err err = verify_blocks(&v);

	if (err == OK)
		err = verify_lists(&v);
	if (err == OK)
		err = verify_buckets(&v);
	if (err == OK)
		err = verify_counts(&v);
	shard_leave(s);
	return err;
}
