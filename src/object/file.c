/*
 * file.c - objects on a local disk.
 *
 * A new object is written under a temporary name, synced, linked to its own
 * name (which fails when that is taken) and made durable by syncing its
 * directory: after a power cut it is there whole or not at all.
 */
#include "object/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/uuid.h"
#include "object/near.h"
#include "object/object.h"
#include "plugin/lanes.h"

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define OWNED_FD __attribute__((cleanup(close_fd))) int

struct str
file_path(struct str location)
{
	struct str path = str_skip(location, STR("file:").len);

	if (str_starts_with(path, STR("//localhost/")))
		return str_skip(path, STR("//localhost").len);
	while (path.len > 1 && path.ptr[0] == '/' && path.ptr[1] == '/')
		path = str_skip(path, 1);
	return path;
}

/* The path as C wants it, or ERR_BAD_REQUEST when it is too long. */
static enum err
c_path(struct str location, char ret[PATH_MAX], struct error *e)
{
	struct str path = file_path(location);

	if (path.len >= PATH_MAX || path.len == 0)
		return fail(e, ERR_BAD_REQUEST, "Location is too long");
	memcpy(ret, path.ptr, path.len);
	ret[path.len] = '\0';
	return OK;
}

static enum err
disk_error(struct str location, const char *what, struct error *e)
{
	if (errno == ENOENT) /* the words of the reference implementation */
		return fail(e, ERR_NOT_FOUND,
		    "Failed to open input stream for file: " STR_FMT,
		    STR_ARG(location));
	if (errno == EACCES)
		return fail(e, ERR_UNAVAILABLE,
		    "Cannot %s " STR_FMT ": the catalog's user (uid %d) may "
		    "not; give it access, or add its group",
		    what, STR_ARG(location), (int)geteuid());
	if (errno == ENOSPC || errno == EDQUOT)
		return fail(e, ERR_DISK_FULL,
		    "Cannot %s " STR_FMT ": the disk is full", what,
		    STR_ARG(location));
	return fail(e, ERR_UNAVAILABLE, "Cannot %s " STR_FMT ": %s", what,
	    STR_ARG(location), strerror(errno));
}

static enum err
would_block(struct error *e)
{
	return fail(e, ERR_WOULD_BLOCK, "This file has to be waited for.");
}

/* On the loop: only what the kernel has in its memory.  Where a file system
 * cannot be asked so, it is all in memory (tmpfs) or close by. */
static enum err
read_at_once(struct call *c, int fd, struct str location, struct iovec to)
{
	ssize_t n = preadv2(fd, &to, 1, 0, RWF_NOWAIT);

	if (n < 0 && errno == EOPNOTSUPP)
		n = preadv(fd, &to, 1, 0);
	if (n < 0 && errno != EAGAIN)
		return disk_error(location, "read", c->error);
	return (size_t)n == to.iov_len ? OK : would_block(c->error);
}

static enum err
read_whole(struct call *c, int fd, struct str location, struct iovec to)
{
	char *at = to.iov_base, *end = at + to.iov_len;

	while (at < end) {
		ssize_t n = read(fd, at, (size_t)(end - at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return disk_error(location, "read", c->error);
		if (n == 0)
			return fail(c->error, ERR_UNAVAILABLE,
			    "File became shorter: " STR_FMT, STR_ARG(location));
		at += n;
	}
	return OK;
}

/* Without O_NONBLOCK a pipe in its place would make open() wait for a writer.
 * With it open() fails where another process holds a lease of the file
 * (fcntl(2)), and gives it back in a moment. */
static int
open_to_read(const struct call *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == EWOULDBLOCK && !c->nowait)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd;
}

enum err
file_read(struct call *c, struct str location, struct str *ret)
{
	char path[PATH_MAX];
	struct stat st;

	TRY(c_path(location, path, c->error));
	if (c->nowait && !near_knows(path))
		return would_block(c->error);

	OWNED_FD fd = open_to_read(c, path);

	if (fd < 0 && errno == EWOULDBLOCK)
		return would_block(c->error);
	if (fd < 0 || fstat(fd, &st) != 0)
		return disk_error(location, "read", c->error);

	size_t size = (size_t)st.st_size;

	if (!S_ISREG(st.st_mode) || size > OBJECT_SIZE_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Not a file of a table: " STR_FMT, STR_ARG(location));
	if (c->nowait && size > LOOP_BYTES)
		return would_block(c->error);

	struct iovec to = { arena_alloc(c->arena, 1, size + 1), size };

	if (c->nowait) {
		TRY(read_at_once(c, fd, location, to));
	} else {
		near_learn(path);
		TRY(read_whole(c, fd, location, to));
	}
	*ret = (struct str){ to.iov_base, size };
	return OK;
}

static enum err
look(const char *path, struct str location, bool *ret, struct error *e)
{
	struct stat st;

	if (stat(path, &st) == 0)
		*ret = S_ISREG(st.st_mode);
	else if (errno == ENOENT || errno == ENOTDIR)
		*ret = false;
	else
		return disk_error(location, "look for", e);
	return OK;
}

static enum err
look_at_once(const char *path, struct str location, bool *ret, struct error *e)
{
	int64_t now = clock_mono_us();

	*ret = near_has_seen(path, now);
	if (*ret)
		return OK;
	if (!near_knows(path))
		return would_block(e);
	TRY(look(path, location, ret, e));
	if (*ret)
		near_saw(path, now);
	return OK;
}

enum err
file_exists(struct call *c, struct str location, bool *ret)
{
	char path[PATH_MAX];

	TRY(c_path(location, path, c->error));
	if (c->nowait)
		return look_at_once(path, location, ret, c->error);
	TRY(look(path, location, ret, c->error));
	if (*ret)
		near_learn(path);
	return OK;
}

static bool
sync_directory(const char *path)
{
	OWNED_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0;
}

/* Sync the directory that holds `path`: its new entry becomes durable. */
static bool
sync_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == path)
		return sync_directory("/");
	*slash = '\0';

	bool ok = sync_directory(path);

	*slash = '/';
	return ok;
}

/* The directory `path` and those above it, durably. */
static bool
make_directories(char *path)
{
	if (mkdir(path, 0777) == 0)
		return sync_parent(path);
	if (errno != ENOENT)
		return errno == EEXIST;

	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';

	bool ok = make_directories(path);

	*slash = '/';
	return ok && make_directories(path);
}

static bool
write_all(int fd, struct str bytes)
{
	while (bytes.len != 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return true;
}

static bool
write_synced(const char *path, struct str bytes)
{
	OWNED_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	return fd >= 0 && write_all(fd, bytes) && fsync(fd) == 0;
}

/* `path` is in `directory`, which is there. */
static bool
create_in(const char *directory, const char *path, struct str bytes)
{
	char temporary[PATH_MAX], id[ID_TEXT];

	id_format(id_v4(), id);
	if (snprintf(temporary, sizeof(temporary), "%s/.%s.tmp", directory,
		id) >= (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return false;
	}

	bool ok = write_synced(temporary, bytes) && link(temporary, path) == 0;
	int why = errno;

	FAULT_POINT("file_linked");
	(void)unlink(temporary);
	errno = why;
	return ok && sync_directory(directory);
}

enum err
file_create(struct call *c, struct str location, struct str bytes)
{
	char path[PATH_MAX], directory[PATH_MAX];

	TRY(c_path(location, path, c->error));
	memcpy(directory, path, sizeof(path));

	char *slash = strrchr(directory, '/');

	if (slash == NULL || slash == directory)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Location names no directory: " STR_FMT, STR_ARG(location));
	*slash = '\0';
	errno = 0;
	if (create_in(directory, path, bytes))
		return OK;
	/* the directory is nearly always there: make it only when missed */
	errno = errno == ENOENT ? 0 : errno;
	if (errno == 0 && make_directories(directory) &&
	    create_in(directory, path, bytes))
		return OK;
	if (errno == EEXIST)
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "There is a file " STR_FMT " already", STR_ARG(location));
	return disk_error(location, "write", c->error);
}

enum err
file_delete(struct call *c, struct str location)
{
	char path[PATH_MAX];

	TRY(c_path(location, path, c->error));
	if (unlink(path) == 0 || errno == ENOENT)
		return OK;
	return disk_error(location, "delete", c->error);
}

static enum err
prepare(struct str location, const char *part, struct error *e)
{
	char path[PATH_MAX];

	TRY(c_path(location, path, e));

	size_t len = strlen(path);

	if (snprintf(path + len, sizeof(path) - len, "/%s", part) >=
	    (int)(sizeof(path) - len))
		return fail(e, ERR_BAD_REQUEST, "Location is too long");
	errno = 0;
	if (make_directories(path))
		return OK;
	return disk_error(location, "make directories below", e);
}

enum err
file_prepare_table(struct call *c, struct str location)
{
	TRY(prepare(location, "metadata", c->error));
	return prepare(location, "data", c->error);
}
