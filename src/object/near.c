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

/* FNV-1a of the directory; never 0. */
static uint64_t
hash_of(const char *path)
{
	const char *end = strrchr(path, '/');
	uint64_t hash = 14695981039346656037u;

	for (const char *p = path; p < end; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	return hash | 1;
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
