#include "shm/verified.h"

#include <stdatomic.h>
#include <string.h>

#define ID_WORDS (sizeof(struct id) / sizeof(uint64_t))
#define MAC_WORDS (VERIFIED_BYTES / sizeof(uint64_t))

struct verified {
	_Atomic uint64_t id[ID_WORDS], mac[MAC_WORDS];
};

struct verified *
verified_new(struct shm *shm)
{
	return SHM_NEW(shm, struct verified, 1);
}

size_t
verified_size(void)
{
	return shm_size(sizeof(struct verified), 1);
}

static void
store_words(_Atomic uint64_t *to, const void *from, size_t words)
{
	uint64_t word;

	for (size_t i = 0; i < words; i++) {
		memcpy(&word, (const uint8_t *)from + i * sizeof(word),
		    sizeof(word));
		atomic_store_explicit(&to[i], word, memory_order_relaxed);
	}
}

static void
load_words(const _Atomic uint64_t *from, void *to, size_t words)
{
	uint64_t word;

	for (size_t i = 0; i < words; i++) {
		word = atomic_load_explicit(&from[i], memory_order_relaxed);
		memcpy((uint8_t *)to + i * sizeof(word), &word, sizeof(word));
	}
}

void
verified_put(
    struct verified *v, struct id who, const uint8_t mac[VERIFIED_BYTES])
{
	store_words(v->id, who.b, ID_WORDS);
	store_words(v->mac, mac, MAC_WORDS);
}

void
verified_get(
    const struct verified *v, struct id *ret, uint8_t ret_mac[VERIFIED_BYTES])
{
	load_words(v->id, ret->b, ID_WORDS);
	load_words(v->mac, ret_mac, MAC_WORDS);
}
