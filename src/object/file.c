/*
 * file.c - objects on a local disk.
 *
 * A new object is written without a name, synced, linked to its name (which
 * fails when that is taken) and made durable by syncing its directory: after
 * a kill or a power cut it is there whole or not at all, and nothing else.
 */
#include "object/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "calls/bulkheads.h"
#include "object/beneath.h"
#include "object/local_file.h"
#include "object/new_file.h"
#include "object/object.h"

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

static bool
has_dots(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/..")) != NULL) {
		at += STR("/..").len;
		if (*at == '/' || *at == '\0')
			return true;
	}
	return false;
}

/* The path as C wants it, or ERR_BAD_REQUEST when it is too long or climbs:
 * no directory is left for its neighbour. */
static enum err
c_path(struct str location, char ret[PATH_MAX], struct error *e)
{
	struct str path = file_path(location);

	if (path.len >= PATH_MAX || path.len == 0)
		return fail(e, ERR_BAD_REQUEST, "Location is too long");
	memcpy(ret, path.ptr, path.len);
	ret[path.len] = '\0';
	if (has_dots(ret))
		return fail(e, ERR_BAD_REQUEST,
		    "Location has a \"..\" segment: " STR_FMT,
		    STR_ARG(location));
	return OK;
}

/* One sentence, that of the reference implementation, for all that tells no
 * more than "not there": what a link points to is nobody's business. */
static enum err
not_there(struct str location, struct error *e)
{
	return fail(e, ERR_NOT_FOUND,
	    "Failed to open input stream for file: " STR_FMT,
	    STR_ARG(location));
}

/* The place that was asked for cannot be there: links, files in the way of
 * directories, names that the file system does not take. */
static bool
is_of_the_place(int why)
{
	static const int of_the_place[] = { ENOENT, ENOTDIR, ELOOP, EXDEV,
		ENAMETOOLONG, EINVAL, EISDIR, ENXIO };

	for (size_t i = 0; i < sizeof(of_the_place) / sizeof(int); i++)
		if (why == of_the_place[i])
			return true;
	return false;
}

static enum err
disk_error(struct str location, const char *what, struct error *e)
{
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
read_error(struct str location, struct error *e)
{
	if (is_of_the_place(errno))
		return not_there(location, e);
	return disk_error(location, "read", e);
}

/* ENOENT: somebody takes directories away while they are made. */
static enum err
write_error(struct str location, const char *what, struct error *e)
{
	if (errno == ENOENT || !is_of_the_place(errno))
		return disk_error(location, what, e);
	return fail(e, ERR_BAD_REQUEST,
	    "Cannot %s " STR_FMT ": a name is too long for the disk, or a "
	    "file or symbolic link is in the way",
	    what, STR_ARG(location));
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
		return read_error(location, c->error);
	return (size_t)n == to.iov_len ? OK : would_block(c->error);
}

static enum err
read_whole(struct call *c, int fd, struct str location, struct iovec to)
{
	char *at = to.iov_base, *end = at + to.iov_len;

	while (at < end) {
		size_t left = (size_t)(end - at);
		ssize_t n = read(
		    fd, at, left < FILE_PART_BYTES ? left : FILE_PART_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return read_error(location, c->error);
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
	int fd = beneath_open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0 && errno == EWOULDBLOCK && !c->nowait)
		fd = beneath_open(path, O_RDONLY);
	return fd;
}

/* Room for the file, unless it is too large. */
static enum err
make_room(struct call *c, struct str location, size_t size, size_t most,
    struct iovec *ret)
{
	if (size > most)
		return fail(c->error, ERR_BAD_REQUEST,
		    "A file of %zu bytes is too large, at most %zu are "
		    "read: " STR_FMT,
		    size, most, STR_ARG(location));
	if (c->nowait && size > LOOP_BYTES)
		return would_block(c->error);
	TRY(memory_enter(c, size));
	*ret = (struct iovec){ arena_try(c->arena, size + 1), size };
	return ret->iov_base != NULL ? OK : arena_check(c->arena, c->error);
}

enum err
file_read(struct call *c, struct str location, size_t most, struct str *ret)
{
	char path[PATH_MAX];
	struct iovec to;
	struct stat st;

	TRY(c_path(location, path, c->error));
	if (c->nowait && !local_file_knows(path))
		return would_block(c->error);

	OWNED_FD fd = open_to_read(c, path);

	if (fd < 0 && errno == EWOULDBLOCK)
		return would_block(c->error);
	if (fd < 0 || fstat(fd, &st) != 0)
		return read_error(location, c->error);
	if (!S_ISREG(st.st_mode))
		return not_there(location, c->error);
	TRY(make_room(c, location, (size_t)st.st_size, most, &to));
	if (c->nowait) {
		TRY(read_at_once(c, fd, location, to));
	} else {
		local_file_learn(path, fd);
		TRY(read_whole(c, fd, location, to));
	}
	*ret = (struct str){ to.iov_base, to.iov_len };
	return OK;
}

static enum err
look(struct call *c, const char *path, struct str location, bool *ret)
{
	OWNED_FD fd = beneath_open(path, O_PATH);
	struct stat st;

	if (fd < 0 && is_of_the_place(errno)) {
		*ret = false;
		return OK;
	}
	if (fd < 0 || fstat(fd, &st) != 0)
		return disk_error(location, "look for", c->error);
	*ret = S_ISREG(st.st_mode);
	if (*ret && !c->nowait)
		local_file_learn(path, fd);
	return OK;
}

enum err
file_exists(struct call *c, struct str location, bool *ret)
{
	char path[PATH_MAX];
	int64_t now;

	TRY(c_path(location, path, c->error));
	if (!c->nowait)
		return look(c, path, location, ret);
	now = clock_mono_us();
	*ret = local_file_was_seen(path, now);
	if (*ret)
		return OK;
	if (!local_file_knows(path))
		return would_block(c->error);
	TRY(look(c, path, location, ret));
	if (*ret)
		local_file_saw(path, now);
	return OK;
}

enum err
file_create(struct call *c, struct str location, struct str bytes)
{
	char path[PATH_MAX];
	const char *name;

	TRY(c_path(location, path, c->error));
	if (strrchr(path, '/') == path || strrchr(path, '/') == NULL)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Location names no directory: " STR_FMT, STR_ARG(location));
	beneath_refresh(path);

	OWNED_FD directory = beneath_open_parent(path, true, &name);

	if (directory >= 0 && new_file_write(directory, name, bytes))
		return OK;
	if (errno == EEXIST)
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "There is a file " STR_FMT " already", STR_ARG(location));
	return write_error(location, "write", c->error);
}

enum err
file_delete(struct call *c, struct str location)
{
	char path[PATH_MAX];
	const char *name;

	TRY(c_path(location, path, c->error));

	OWNED_FD directory = beneath_open_parent(path, false, &name);

	if ((directory >= 0 && unlinkat(directory, name, 0) == 0) ||
	    errno == ENOENT)
		return OK;
	return write_error(location, "delete", c->error);
}

static bool
make_in(int directory, const char *name)
{
	return mkdirat(directory, name, 0770) == 0 || errno == EEXIST;
}

enum err
file_prepare_table(struct call *c, struct str location)
{
	char path[PATH_MAX];
	bool made;

	TRY(c_path(location, path, c->error));
	beneath_refresh(path);

	OWNED_FD directory = beneath_make_directory(path, &made);

	if (directory >= 0 && make_in(directory, "metadata") &&
	    make_in(directory, "data") && fsync(directory) == 0)
		return OK;
	return write_error(location, "make directories below", c->error);
}
