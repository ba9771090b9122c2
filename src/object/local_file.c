/*
 * local_file.c - hashes of directories, in a table that forgets.
 *
 * Threads of one process share it without a lock: a place holds one whole hash
 * or another.
 */
#include "object/local_file.h"

#include <linux/magic.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/hash.h"

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

/* Never 0. */
static uint64_t
hash_of_bytes(const char *p, size_t len)
{
	return hash_words(p, len) | 1;
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
is_local(int fd)
{
	static const unsigned long local[] = { EXT4_SUPER_MAGIC, XFS_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
		F2FS_MAGIC, ZFS_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if ((unsigned long)fs.f_type == local[i])
			return true;
	}
	return false;
}

void
local_file_learn(const char *path, int fd)
{
	uint64_t hash = hash_of(path);

	if (atomic_load(place_of(hash)) != hash && is_local(fd))
		atomic_store(place_of(hash), hash);
}

bool
local_file_knows(const char *path)
{
	uint64_t hash = hash_of(path);

	return atomic_load(place_of(hash)) == hash;
}

void
local_file_saw(const char *path, int64_t now_us)
{
	uint64_t hash = hash_of_bytes(path, strlen(path));

	seen[(hash >> 32) % SEEN].hash = hash;
	seen[(hash >> 32) % SEEN].at_us = now_us;
}

bool
local_file_was_seen(const char *path, int64_t now_us)
{
	uint64_t hash = hash_of_bytes(path, strlen(path));
	size_t at = (hash >> 32) % SEEN;

	return seen[at].hash == hash &&
	       now_us - seen[at].at_us < LOCAL_FILE_SEEN_US;
}
