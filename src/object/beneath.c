/*
 * beneath.c - holds a descriptor for each directory of the operator's, by which
 * openat2() finds the rest.
 *
 * A descriptor keeps its number for ever: where the directory was replaced,
 * dup3() puts the new one in its place, so that no thread ever uses a number
 * that is closed or another's.
 */
#include "object/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/clock.h"

#define CHECK_US CLOCK_SECOND
#define DIRECTORY (O_DIRECTORY | O_CLOEXEC)
#define MODE 0770 /* less the umask: engines of the group make files there */

struct operator_dir {
	const char *path; /* "" for the root of all */
	size_t len;
	_Atomic int fd;  /* -1: not opened yet */
	_Atomic int why; /* errno: it could not be opened when last looked */
	_Atomic int64_t checked_us;
	pthread_mutex_t checking;
	dev_t dev; /* used by the thread that is checking */
	ino_t ino;
};

/* The first is above all others and has no links below it. */
static struct operator_dir dirs[OPERATOR_DIRS_MAX] = {
	{ .path = "", .fd = -1, .checking = PTHREAD_MUTEX_INITIALIZER },
};
static size_t dir_count = 1;

int
beneath_open_in(int directory, const char *path, int flags)
{
	const struct open_how how = { .flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

enum err
beneath_supported(struct error *e)
{
	OWNED_FD root = open("/", O_PATH | DIRECTORY);
	OWNED_FD fd = beneath_open_in(root, ".", O_PATH | DIRECTORY);

	if (fd >= 0)
		return OK;
	return fail(e, ERR_UNAVAILABLE,
	    "openat2() fails (%s): files of warehouses are opened by it, which "
	    "needs Linux 5.6 or later and a sandbox that allows it",
	    strerrordesc_np(errno));
}

bool
beneath_add(struct str path)
{
	const char *copy;

	while (str_ends_with(path, STR("/")))
		path.len--;
	for (size_t i = 0; i < dir_count; i++)
		if (str_eq(path, (struct str){ dirs[i].path, dirs[i].len }))
			return true;
	copy =
	    dir_count < OPERATOR_DIRS_MAX ? strndup(path.ptr, path.len) : NULL;
	if (copy == NULL)
		return false;
	dirs[dir_count].path = copy;
	dirs[dir_count].len = path.len;
	dirs[dir_count].fd = -1;
	(void)pthread_mutex_init(&dirs[dir_count].checking, NULL);
	dir_count++;
	return true;
}

/* The outermost directory that `path` is at or below: an account that may write
 * into it can put a link in the place of another that was named inside. */
static struct operator_dir *
dir_above(const char *path)
{
	struct operator_dir *outermost = NULL;

	for (size_t i = 1; i < dir_count; i++) {
		struct operator_dir *d = &dirs[i];

		if ((outermost == NULL || d->len < outermost->len) &&
		    strncmp(path, d->path, d->len) == 0 &&
		    (path[d->len] == '/' || path[d->len] == '\0'))
			outermost = d;
	}
	return outermost != NULL ? outermost : &dirs[0];
}

/* ---- the descriptor */

/* The directory at the path now takes the place of the former one. */
static bool
take_what_is_there(struct operator_dir *d)
{
	int fd = open(d->len == 0 ? "/" : d->path, O_PATH | DIRECTORY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		close_owned_fd(&fd);
		return false;
	}
	d->dev = st.st_dev;
	d->ino = st.st_ino;
	if (d->fd < 0) {
		d->fd = fd;
		return true;
	}

	bool done = dup3(fd, d->fd, O_CLOEXEC) >= 0;

	(void)close(fd);
	return done;
}

/* While it is open, no other directory gets its number of inode. */
static bool
is_the_same(const struct operator_dir *d)
{
	struct stat st;

	return d->fd >= 0 && stat(d->len == 0 ? "/" : d->path, &st) == 0 &&
	       st.st_dev == d->dev && st.st_ino == d->ino;
}

/* True: it was not the same as before. */
static bool
check(struct operator_dir *d)
{
	bool same = is_the_same(d);

	d->why = same || take_what_is_there(d) ? 0 : errno;
	d->checked_us = clock_mono_us();
	return !same;
}

static bool
check_now(struct operator_dir *d)
{
	(void)pthread_mutex_lock(&d->checking);

	bool changed = check(d);

	(void)pthread_mutex_unlock(&d->checking);
	return changed;
}

/* One thread looks, the others go on. */
static void
check_sometimes(struct operator_dir *d)
{
	if (clock_mono_us() - d->checked_us < CHECK_US ||
	    pthread_mutex_trylock(&d->checking) != 0)
		return;
	(void)check(d);
	(void)pthread_mutex_unlock(&d->checking);
}

void
beneath_refresh(const char *path)
{
	(void)check_now(dir_above(path));
}

/* ---- opening */
static int
open_below(const struct operator_dir *d, const char *path, int flags)
{
	const char *rest = path + d->len;

	if (d->why != 0) {
		errno = d->why;
		return -1;
	}
	if (*rest == '/')
		rest++;
	return beneath_open_in(d->fd, *rest == '\0' ? "." : rest, flags);
}

int
beneath_open(const char *path, int flags)
{
	struct operator_dir *d = dir_above(path);
	int fd;

	if (d->fd < 0)
		(void)check_now(d);
	else
		check_sometimes(d);
	fd = open_below(d, path, flags | O_CLOEXEC);
	if (fd >= 0 || (errno != ENOENT && errno != ESTALE))
		return fd;

	int why = errno;

	if (check_now(d))
		return open_below(d, path, flags | O_CLOEXEC);
	errno = why;
	return -1;
}

/* ---- making directories */

/* One of the operator's own part, by links perhaps. */
static bool
make_one(const char *path)
{
	char parent[PATH_MAX + 3];

	if (mkdir(path, MODE) != 0) {
		int why = errno;

		if (eaccess(path, X_OK) == 0)
			return true;
		errno = why == EEXIST ? errno : why;
		return false;
	}
	(void)snprintf(parent, sizeof(parent), "%s/..", path);

	OWNED_FD fd = open(parent, O_RDONLY | DIRECTORY);

	return fd >= 0 && fsync(fd) == 0;
}

static bool
make_named(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (char *slash = copy; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		if (!make_one(copy))
			return false;
		*slash = '/';
	}
	return make_one(copy);
}

/* A directory in `above`, which is closed. */
static int
descend(int above, const char *name, bool *ret_made)
{
	OWNED_FD parent = above;

	*ret_made = mkdirat(parent, name, MODE) == 0;
	if ((!*ret_made && errno != EEXIST) ||
	    (*ret_made && fsync(parent) != 0))
		return -1;
	return beneath_open_in(parent, name, O_RDONLY | DIRECTORY);
}

/* Up to what is there, with a NUL in place of each slash passed, then down
 * from name to name. */
int
beneath_make_directory(const char *path, bool *ret_made)
{
	const struct operator_dir *d = dir_above(path);
	size_t len = strlen(path), at = len;
	char copy[PATH_MAX];
	int fd;

	*ret_made = false;
	if (len >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(copy, path, len + 1);
	while ((fd = beneath_open(copy, O_RDONLY | DIRECTORY)) < 0 &&
	       errno == ENOENT && at > d->len) {
		at = (size_t)((char *)memrchr(copy, '/', at) - copy);
		copy[at] = '\0';
	}
	if (fd < 0 && errno == ENOENT && make_named(d->path)) {
		*ret_made = at == len;
		fd = beneath_open(copy, O_RDONLY | DIRECTORY);
	}
	while (fd >= 0 && at < len) {
		fd = descend(fd, copy + at + 1, ret_made);
		at += 1 + strlen(copy + at + 1);
	}
	return fd;
}

int
beneath_open_parent(const char *path, bool make, const char **ret_name)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = (size_t)(slash - path);
	bool made;
	int fd;

	memcpy(parent, path, len);
	parent[len] = '\0';
	*ret_name = slash + 1;
	fd = beneath_open(parent, O_RDONLY | DIRECTORY);
	if (fd < 0 && errno == ENOENT && make)
		fd = beneath_make_directory(parent, &made);
	return fd;
}
