/* place.c - warehouses on a local disk; nothing here knows of the store. */
#include "catalog/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/object.h"

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
place_parse(struct arena *a, struct str given, struct str *ret, struct error *e)
{
	struct str path = path_of(given);

	if (path.ptr == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "\"" STR_FMT "\" is no place for a warehouse: only file: "
		    "warehouses, with an absolute path, are supported by this "
		    "release",
		    STR_ARG(given));

	struct str root = arena_printf(a, "file://" STR_FMT, STR_ARG(path));

	TRY(object_location_check(root, e));
	*ret = root;
	return OK;
}

enum err
places_parse(
    struct arena *a, struct str list, struct places *ret, struct error *e)
{
	size_t count = 1, n = 0;

	for (size_t i = 0; i < list.len; i++)
		count += list.ptr[i] == ',';

	struct str *at = ARENA_NEW(a, struct str, count);

	while (list.ptr != NULL) {
		struct str one = str_trim(str_cut(&list, ','));

		if (one.len != 0)
			TRY(place_parse(a, one, &at[n++], e));
	}
	*ret = (struct places){ at, n };
	return OK;
}

bool
places_hold(struct places places, struct str location)
{
	for (size_t i = 0; i < places.count; i++)
		if (object_location_is_below(location, places.at[i]))
			return true;
	return false;
}

bool
place_overlaps(struct str root, struct str other)
{
	return str_eq(root, other) || object_location_is_below(root, other) ||
	       object_location_is_below(other, root);
}

static bool
is_at_or_below(struct str root, struct str other)
{
	return str_eq(root, other) || object_location_is_below(root, other);
}

static bool
is_the_servers(const struct place_rules *rules, struct str root)
{
	struct arena *a = arena_new();
	struct str own =
	    arena_printf(a, "file://" STR_FMT, STR_ARG(rules->state_dir));
	struct str tables = arena_printf(a, STR_FMT "/warehouse", STR_ARG(own));
	bool is = place_overlaps(root, own) && !is_at_or_below(root, tables);

	arena_free(a);
	return is;
}

enum err
place_allowed(const struct place_rules *rules, const char *what,
    struct str root, struct error *e)
{
	bool listed = rules->root_count == 0;

	if (is_the_servers(rules, root))
		return fail(e, ERR_BAD_REQUEST,
		    "%s: the place is the server's own", what);
	for (size_t i = 0; i < rules->root_count && !listed; i++) {
		struct str allowed = rules->roots[i];

		while (str_ends_with(allowed, STR("/")))
			allowed.len--;
		listed = is_at_or_below(root, allowed);
	}
	if (listed)
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "%s: the place is below none that the setting "
	    "warehouse.allowed_roots names",
	    what);
}

static enum err
no_directory(const char *path, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    "The warehouse directory %s cannot be made or written (%s); as an "
	    "administrator: install -d -m 2770 -o %u -g %u %s",
	    path, strerrordesc_np(errno), (unsigned)geteuid(),
	    (unsigned)getegid(), path);
}

static enum err
make_last(const char *path, struct error *e)
{
	bool made = mkdir(path, 0770) == 0;
	struct stat st;

	if ((!made && errno != EEXIST) || stat(path, &st) != 0)
		return no_directory(path, e);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return no_directory(path, e);
	}
	if (!made && eaccess(path, R_OK | W_OK | X_OK) != 0)
		return no_directory(path, e);
	/* mkdir() ignores S_ISGID */
	if (made && (st.st_mode & S_IWGRP) != 0 &&
	    chmod(path, (st.st_mode & 0777) | S_ISGID) != 0)
		return no_directory(path, e);
	return OK;
}

enum err
place_prepare(struct str root, struct error *e)
{
	struct str path = path_of(root);
	char at[PATH_MAX];

	if (path.len == 0 || path.len >= sizeof(at))
		return fail(e, ERR_BAD_REQUEST,
		    "The path of the warehouse is empty or longer than %d "
		    "bytes",
		    PATH_MAX - 1);
	memcpy(at, path.ptr, path.len);
	at[path.len] = '\0';
	for (char *slash = at + 1; (slash = strchr(slash, '/')) != NULL;
	     slash++) {
		*slash = '\0';
		if (mkdir(at, 0777) != 0 && eaccess(at, X_OK) != 0)
			return no_directory(at, e);
		*slash = '/';
	}
	return make_last(at, e);
}
