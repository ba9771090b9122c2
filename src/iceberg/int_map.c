/* int_map.c - a four-way trie; each level consumes two bits of the hash. */
#include "iceberg/int_map.h"

struct int_node {
	struct int_node *child[4];
	int64_t key;
	void *value;
};

/* The finalizer of MurmurHash3: different keys have different hashes. */
static uint64_t
mixed(int64_t key)
{
	uint64_t h = (uint64_t)key;

	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

void **
int_map_slot(struct int_map *map, int64_t key, struct arena *a)
{
	struct int_node **at = &map->root;

	for (uint64_t h = mixed(key); *at != NULL; h <<= 2) {
		if ((*at)->key == key)
			return &(*at)->value;
		at = &(*at)->child[h >> 62];
	}
	*at = ARENA_NEW(a, struct int_node, 1);
	(*at)->key = key;
	return &(*at)->value;
}

void *
int_map_find(const struct int_map *map, int64_t key)
{
	const struct int_node *at = map->root;

	for (uint64_t h = mixed(key); at != NULL; h <<= 2) {
		if (at->key == key)
			return at->value;
		at = at->child[h >> 62];
	}
	return NULL;
}
