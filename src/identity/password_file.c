/*
 * password_file.c - a new file is written under another name, synced and
 * linked: a crash leaves the whole line or no file.
 */
#include "identity/password_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "identity/password_hash.h"

#define ROOM (PASSWORD_MAX + 2)

struct paths {
	char dir[PATH_MAX], file[PATH_MAX];
	char fresh[PATH_MAX]; /* what is linked once it is whole */
};

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define OWNED_FD __attribute__((cleanup(close_fd))) int

static enum err
paths_in(struct str dir, struct paths *ret, struct error *e)
{
	if (dir.len + sizeof(PASSWORD_FILE) + 32 > PATH_MAX)
		return fail(e, ERR_INTERNAL,
		    "The path of the state directory is too long");
	(void)snprintf(ret->dir, PATH_MAX, STR_FMT, STR_ARG(dir));
	(void)snprintf(
	    ret->file, PATH_MAX, STR_FMT "/" PASSWORD_FILE, STR_ARG(dir));
	(void)snprintf(ret->fresh, PATH_MAX, STR_FMT "/" PASSWORD_FILE ".%d",
	    STR_ARG(dir), (int)getpid());
	return OK;
}

static enum err
cannot(const char *what, const struct paths *p, struct error *e)
{
	return fail(e, ERR_INTERNAL,
	    "Cannot %s %s (%s): the directory has to belong to who runs this "
	    "program: chown %u %s",
	    what, p->file, strerrordesc_np(errno), (unsigned)geteuid(), p->dir);
}

enum err
password_file_read(
    struct arena *a, struct str state_dir, struct str *ret, struct error *e)
{
	char text[ROOM];
	struct paths p;

	TRY(paths_in(state_dir, &p, e));

	OWNED_FD fd = open(p.file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		*ret = (struct str){ 0 };
		return OK;
	}

	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (n < 0)
		return cannot("read", &p, e);

	struct str rest = { text, (size_t)n };
	struct str line = str_cut(&rest, '\n');

	if (line.len < PASSWORD_MIN || line.len > PASSWORD_MAX)
		return fail(e, ERR_INTERNAL,
		    "%s holds no password: delete it and start again", p.file);
	*ret = arena_copy(a, line);
	return OK;
}

static bool
write_line(int fd, struct str password)
{
	char line[ROOM];
	int len = snprintf(line, sizeof(line), STR_FMT "\n", STR_ARG(password));

	return write(fd, line, (size_t)len) == len && fsync(fd) == 0;
}

static bool
sync_directory(const struct paths *p)
{
	OWNED_FD fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0;
}

enum err
password_file_make(struct str state_dir, struct str password, struct error *e)
{
	struct paths p;

	TRY(paths_in(state_dir, &p, e));

	OWNED_FD fd = open(p.fresh,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool made = fd >= 0 && write_line(fd, password) &&
		    (link(p.fresh, p.file) == 0 || errno == EEXIST) &&
		    sync_directory(&p);
	int cause = errno;

	if (fd >= 0)
		(void)unlink(p.fresh);
	errno = cause;
	return made ? OK : cannot("write", &p, e);
}

enum err
password_file_remove(struct str state_dir, struct error *e)
{
	struct paths p;

	TRY(paths_in(state_dir, &p, e));
	if (unlink(p.file) != 0 && errno != ENOENT)
		return cannot("remove", &p, e);
	return OK;
}
