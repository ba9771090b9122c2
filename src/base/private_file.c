#include "base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
path_of(struct str directory, const char *name, const char *suffix,
    char ret[PATH_MAX])
{
	int len = snprintf(
	    ret, PATH_MAX, STR_FMT "/%s%s", STR_ARG(directory), name, suffix);

	if (len < PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static bool
write_all(int fd, struct str text)
{
	while (text.len != 0) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		text = str_skip(text, n < 0 ? 0 : (size_t)n);
	}
	return true;
}

bool
private_file_replace(struct str directory, const char *name, struct str text)
{
	char path[PATH_MAX], draft[PATH_MAX];
	bool ok;
	int fd;

	if (!path_of(directory, name, "", path) ||
	    !path_of(directory, name, ".new", draft))
		return false;
	fd = open(
	    draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = fchmod(fd, 0600) == 0 && write_all(fd, text) &&
	     rename(draft, path) == 0;

	int why = errno;

	(void)close(fd);
	errno = why;
	return ok;
}

static struct str
read_open(struct arena *a, int fd, size_t max)
{
	struct str text = { 0 };
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size > max)
		return text;

	char *to = arena_alloc(a, 1, (size_t)st.st_size + 1);
	ssize_t n = read(fd, to, (size_t)st.st_size);

	if (n >= 0)
		text = (struct str){ to, (size_t)n };
	return text;
}

struct str
private_file_read(
    struct arena *a, struct str directory, const char *name, size_t max)
{
	struct str text = { 0 };
	char path[PATH_MAX];
	int fd = -1;

	if (path_of(directory, name, "", path))
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		text = read_open(a, fd, max);
		(void)close(fd);
	}
	return text;
}
