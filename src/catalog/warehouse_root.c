/* warehouse_root.c - the roots of warehouses, on a local disk or in S3; it
 * knows no store. */
#include "catalog/warehouse_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/beneath.h"
#include "object/object.h"
#include "object/s3.h"

#define SCHEME STR("file:")

/* The path of "file:/a", "file:///a" and "file://localhost/a", or of "/a";
 * ptr NULL: it is none of them. */
static struct str
path_of(struct str given)
{
	struct str path = given;

	if (str_starts_with(path, SCHEME)) {
		path = str_skip(path, SCHEME.len);
		if (str_starts_with(path, STR("//localhost/")))
			path = str_skip(path, STR("//localhost").len);
		else if (str_starts_with(path, STR("///")))
			path = str_skip(path, 2);
	}
	if (str_starts_with(path, STR("//")) ||
	    !str_starts_with(path, STR("/")))
		return (struct str){ 0 };
	while (str_ends_with(path, STR("/")))
		path.len--;
	return path;
}

enum err
root_parse(struct arena *a, struct str given, struct str *ret, struct error *e)
{
	struct str path =
	    s3_is_location(given) ? object_path(given) : path_of(given);

	if (path.ptr == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "\"" STR_FMT "\" is no place for a warehouse: only file: "
		    "warehouses, with an absolute path, and s3: warehouses are "
		    "supported by this release",
		    STR_ARG(given));

	struct str root =
	    s3_is_location(given)
		? arena_printf(a, "s3:" STR_FMT, STR_ARG(path))
		: arena_printf(a, "file://" STR_FMT, STR_ARG(path));

	TRY(object_location_check(root, e));
	*ret = root;
	return OK;
}

enum err
roots_parse(
    struct arena *a, struct str list, struct roots *ret, struct error *e)
{
	size_t count = 1, n = 0;

	for (size_t i = 0; i < list.len; i++)
		count += list.ptr[i] == ',';

	struct str *at = ARENA_NEW(a, struct str, count);

	while (list.ptr != NULL) {
		struct str one = str_trim(str_cut(&list, ','));

		if (one.len != 0)
			TRY(root_parse(a, one, &at[n++], e));
	}
	*ret = (struct roots){ at, n };
	return OK;
}

bool
roots_hold(struct roots roots, struct str location)
{
	for (size_t i = 0; i < roots.count; i++)
		if (object_location_is_below(location, roots.at[i]))
			return true;
	return false;
}

static bool
is_at_or_below(struct str root, struct str other)
{
	return str_eq(root, other) || object_location_is_below(root, other);
}

/* ---- directories */

/* All directories from `fd`, which is closed, to the root; false: too many. */
static bool
climb(int fd, struct root_identity *io)
{
	struct stat st;
	bool at_root = false;

	for (io->count = 0; !at_root && io->count < ROOT_DEPTH;) {
		OWNED_FD here = fd;

		if (here < 0 || fstat(here, &st) != 0)
			return false;
		at_root = io->count != 0 &&
			  io->at[io->count - 1].dev == st.st_dev &&
			  io->at[io->count - 1].ino == st.st_ino;
		io->at[io->count].dev = st.st_dev;
		io->at[io->count++].ino = st.st_ino;
		fd = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	close_owned_fd(&fd);
	return at_root;
}

/* The longest part that is there, open; the rest is `missing`.  A link in a
 * path of tenants is not there: nothing is ever done through it. */
static int
open_longest(struct str root, struct str *ret_missing)
{
	struct str path = path_of(root);
	char at[PATH_MAX];
	size_t len = path.len < sizeof(at) ? path.len : sizeof(at) - 1;
	int fd;

	if (path.ptr == NULL)
		return -1;
	memcpy(at, path.ptr, len);
	at[len] = '\0';
	while ((fd = beneath_open(at, O_PATH | O_DIRECTORY)) < 0 && len != 0) {
		len = (size_t)((char *)memrchr(at, '/', len) - at);
		at[len] = '\0';
	}
	*ret_missing = str_skip(path, len);
	return fd;
}

enum err
root_identify(struct str root, struct root_identity *ret, struct error *e)
{
	*ret = (struct root_identity){ .root = root };
	if (s3_is_location(root))
		return OK;
	if (climb(open_longest(root, &ret->missing), ret))
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "The place has more than %d levels, or cannot be looked "
	    "at: " STR_FMT,
	    ROOT_DEPTH, STR_ARG(root));
}

static bool
has(const struct root_identity *id, const struct stat *st)
{
	for (size_t i = 0; i < id->count; i++)
		if (id->at[i].dev == st->st_dev && id->at[i].ino == st->st_ino)
			return true;
	return false;
}

static bool
names_overlap(struct str a, struct str b)
{
	struct str shorter = a.len < b.len ? a : b;
	struct str longer = a.len < b.len ? b : a;

	return str_starts_with(longer, shorter) &&
	       (longer.len == shorter.len || longer.ptr[shorter.len] == '/');
}

static bool
is_same_directory(const struct root_identity *id, const struct stat *st)
{
	return id->count != 0 && id->at[0].dev == st->st_dev &&
	       id->at[0].ino == st->st_ino;
}

/* The directory of `other` is above ours, or ours above it. */
static bool
directories_overlap(const struct root_identity *id, struct str other)
{
	struct root_identity its = { .root = other };
	OWNED_FD fd = open_longest(other, &its.missing);
	struct error ignored;
	struct stat st, ours;

	if (fd < 0 || fstat(fd, &st) != 0)
		return false;
	if (is_same_directory(id, &st))
		return names_overlap(id->missing, its.missing);
	if (its.missing.len == 0 && has(id, &st))
		return true;
	if (id->missing.len != 0 || root_identify(other, &its, &ignored) != OK)
		return false;
	ours =
	    (struct stat){ .st_dev = id->at[0].dev, .st_ino = id->at[0].ino };
	return has(&its, &ours);
}

bool
root_overlaps(const struct root_identity *id, struct str other)
{
	if (is_at_or_below(id->root, other) || is_at_or_below(other, id->root))
		return true;
	return !s3_is_location(id->root) && !s3_is_location(other) &&
	       directories_overlap(id, other);
}

/* ---- rules */
static bool
is_the_servers(const struct root_rules *rules, const struct root_identity *id)
{
	struct arena *a = arena_new();
	struct str own =
	    arena_printf(a, "file://" STR_FMT, STR_ARG(rules->state_dir));
	struct str tables = arena_printf(a, STR_FMT "/warehouse", STR_ARG(own));
	bool is = !is_at_or_below(id->root, tables) && root_overlaps(id, own);

	arena_free(a);
	return is;
}

enum err
root_allowed(const struct root_rules *rules, const char *what,
    const struct root_identity *id, struct error *e)
{
	bool listed = s3_is_location(id->root);

	if (!listed && is_the_servers(rules, id))
		return fail(e, ERR_BAD_REQUEST,
		    "%s: the place is the server's own", what);
	for (size_t i = 0; i < rules->root_count && !listed; i++) {
		struct str allowed = rules->roots[i];

		listed = str_eq(allowed, STR(ROOT_ANY)) ||
			 is_at_or_below(id->root, allowed);
	}
	if (listed)
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "%s: the place is below none that the setting "
	    "warehouse.allowed_roots names",
	    what);
}

/* ---- making it */
static enum err
no_directory(const char *path, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    "The warehouse directory %s cannot be made or written (%s); as an "
	    "administrator: install -d -m 2770 -o %u -g %u %s",
	    path, strerrordesc_np(errno), (unsigned)geteuid(),
	    (unsigned)getegid(), path);
}

enum err
root_prepare(struct str root, struct error *e)
{
	struct str path = path_of(root);
	char at[PATH_MAX];
	struct stat st;
	bool made;

	if (s3_is_location(root))
		return OK;
	if (path.len == 0 || path.len >= sizeof(at))
		return fail(e, ERR_BAD_REQUEST,
		    "The path of the warehouse is empty or longer than %d "
		    "bytes",
		    PATH_MAX - 1);
	memcpy(at, path.ptr, path.len);
	at[path.len] = '\0';
	beneath_refresh(at);

	OWNED_FD fd = beneath_make_directory(at, &made);

	if (fd < 0 || fstat(fd, &st) != 0)
		return no_directory(at, e);
	if (!made && faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
		return no_directory(at, e);
	/* mkdir() ignores S_ISGID */
	if (made && (st.st_mode & S_IWGRP) != 0 &&
	    fchmod(fd, (st.st_mode & 0777) | S_ISGID) != 0)
		return no_directory(at, e);
	return OK;
}
