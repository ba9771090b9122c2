/* str_map.c - open addressing with linear probing, at most half full. */
#include "base/str_map.h"

#include <pthread.h>
#include <stdlib.h>

#include <sodium.h>

#define ROOM_FIRST 16

static unsigned char hash_key[crypto_shorthash_KEYBYTES];

static void
draw_key(void)
{
	if (sodium_init() < 0)
		abort();
	crypto_shorthash_keygen(hash_key);
}

static uint64_t
hash_of(struct str text)
{
	static pthread_once_t drawn = PTHREAD_ONCE_INIT;
	uint64_t hash = 0;

	(void)pthread_once(&drawn, draw_key);
	(void)crypto_shorthash((unsigned char *)&hash,
	    (const unsigned char *)text.ptr, text.len, hash_key);
	return hash;
}

/* The slot of the text, or the free one where it would go. */
static struct str_slot *
probe(const struct str_map *map, uint64_t hash, struct str text)
{
	size_t i = hash & (map->room - 1);

	while (map->at[i].text.ptr != NULL &&
	       (map->at[i].hash != hash || !str_eq(map->at[i].text, text)))
		i = (i + 1) & (map->room - 1);
	return &map->at[i];
}

static void
grow(struct str_map *map)
{
	struct str_map old = *map;

	map->room = old.room != 0 ? 2 * old.room : ROOM_FIRST;
	map->at = ARENA_NEW(map->arena, struct str_slot, map->room);
	for (size_t i = 0; i < old.room; i++)
		if (old.at[i].text.ptr != NULL)
			*probe(map, old.at[i].hash, old.at[i].text) = old.at[i];
}

void **
str_map_slot(struct str_map *map, struct str text)
{
	uint64_t hash = hash_of(text);

	if (2 * (map->count + 1) > map->room)
		grow(map);

	struct str_slot *slot = probe(map, hash, text);

	if (slot->text.ptr == NULL) {
		slot->hash = hash;
		slot->text = text.len != 0 ? text : STR("");
		map->count++;
	}
	return &slot->value;
}

void *
str_map_find(const struct str_map *map, struct str text)
{
	if (map->count == 0)
		return NULL;
	return probe(map, hash_of(text), text)->value;
}
