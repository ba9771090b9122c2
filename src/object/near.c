/*
 * near.c - hashes of directories, in a table that forgets.
 *
 * Threads of one process share it without a lock: a place holds one whole hash
 * or another.
 */
#include "object/near.h"

#include <linux/magic.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/vfs.h>

#define PLACES 4096
#define XFS_MAGIC 0x58465342
#define ZFS_MAGIC 0x2FC12FC1
#define F2FS_MAGIC 0xF2F52010

static _Atomic uint64_t places[PLACES];

/* Files that were seen, and when.  Only the loop looks and writes here. */
#define SEEN 256
static struct {
	uint64_t hash;
	int64_t at_us;
} seen[SEEN];

/* FNV-1a of eight bytes at a time; never 0. */
static uint64_t
hash_of_bytes(const char *p, size_t len)
{
	uint64_t hash = 14695981039346656037u, part = 0;

	for (; len >= sizeof(part); p += sizeof(part), len -= sizeof(part)) {
		memcpy(&part, p, sizeof(part));
		hash = (hash ^ part) * 1099511628211u;
		hash ^= hash >> 32;
	}
	for (; len != 0; p++, len--)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	return hash | 1;
}

/* Of the directory. */
static uint64_t
hash_of(const char *path)
{
	return hash_of_bytes(path, (size_t)(strrchr(path, '/') - path));
}

static _Atomic uint64_t *
place_of(uint64_t hash)
{
	return &places[(hash >> 32) % PLACES];
}

static bool
is_local(const char *path)
{
	static const unsigned long local[] = { EXT4_SUPER_MAGIC, XFS_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
		F2FS_MAGIC, ZFS_MAGIC };
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if ((unsigned long)fs.f_type == local[i])
			return true;
	}
	return false;
}

void
near_learn(const char *path)
{
	uint64_t hash = hash_of(path);

	if (atomic_load(place_of(hash)) != hash && is_local(path))
		atomic_store(place_of(hash), hash);
}

bool
near_knows(const char *path)
{
	uint64_t hash = hash_of(path);

	return atomic_load(place_of(hash)) == hash;
}

void
near_saw(const char *path, int64_t now_us)
{
	uint64_t hash = hash_of_bytes(path, strlen(path));

	seen[(hash >> 32) % SEEN].hash = hash;
	seen[(hash >> 32) % SEEN].at_us = now_us;
}

bool
near_has_seen(const char *path, int64_t now_us)
{
	uint64_t hash = hash_of_bytes(path, strlen(path));
	size_t at = (hash >> 32) % SEEN;

	return seen[at].hash == hash && now_us - seen[at].at_us < NEAR_SEEN_US;
}
