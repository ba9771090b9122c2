/*
 * file_tree.c - deletes what is below a directory, without following links:
 * each directory is opened in the one above it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "object/beneath.h"
#include "object/file.h"
#include "object/object.h"

#define DEPTH_MAX 64

struct tree {
	size_t most;  /* may still be deleted */
	bool is_left; /* something is there that was not */
};

static bool
is_itself_or_parent(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool clear_directory(struct tree *, int fd, int depth);

/* False with errno: the disk does not want to. */
static bool
clear_entry(struct tree *t, int directory, const char *name, int depth)
{
	int fd = beneath_open_in(
	    directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		if (!clear_directory(t, fd, depth + 1))
			return false;
		if (t->most == 0 || t->is_left)
			return true;
		return unlinkat(directory, name, AT_REMOVEDIR) == 0 ||
		       errno == ENOENT || errno == ENOTEMPTY;
	}
	if (errno != ENOTDIR && errno != ELOOP)
		return errno == ENOENT;
	if (t->most == 0) {
		t->is_left = true;
		return true;
	}
	t->most--;
	t->is_left |= t->most == 0; /* perhaps */
	return unlinkat(directory, name, 0) == 0 || errno == ENOENT;
}

/* Closes the directory. */
static bool
clear_directory(struct tree *t, int fd, int depth)
{
	DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool done = true;

	if (dir == NULL) {
		(void)close(fd);
		t->is_left = true;
		return true;
	}
	while (done && !t->is_left && (entry = readdir(dir)) != NULL)
		if (!is_itself_or_parent(entry->d_name))
			done = clear_entry(t, fd, entry->d_name, depth);
	(void)closedir(dir);
	return done;
}

static void
remove_directory(const char *path)
{
	const char *name;
	OWNED_FD parent = beneath_open_parent(path, false, &name);

	if (parent >= 0)
		(void)unlinkat(parent, name, AT_REMOVEDIR);
}

enum err
file_clear(
    struct call *c, struct str location, size_t *io_most, bool *ret_empty)
{
	struct tree t = { .most = *io_most };
	struct str path = file_path(location);
	char text[PATH_MAX];
	int fd;

	TRY(object_location_check(location, c->error));
	if (path.len >= sizeof(text))
		return fail(c->error, ERR_BAD_REQUEST, "Location is too long");
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	fd = beneath_open(text, O_RDONLY | O_DIRECTORY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
			  errno == EXDEV)) {
		*ret_empty = errno == ENOENT;
		return OK;
	}
	if (fd < 0 || !clear_directory(&t, fd, 0))
		return fail(c->error, ERR_UNAVAILABLE,
		    "Cannot delete what is below " STR_FMT ": %s",
		    STR_ARG(location), strerrordesc_np(errno));
	if (!t.is_left && *io_most != 0)
		remove_directory(text);
	*io_most = t.most;
	*ret_empty = !t.is_left;
	return OK;
}
