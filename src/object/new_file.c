#include "object/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fault.h"
#include "object/beneath.h"

#define MODE 0666 /* less the umask */

static bool
write_synced(int fd, struct str bytes)
{
	while (bytes.len != 0) {
		ssize_t n = write(fd, bytes.ptr,
		    bytes.len < FILE_PART_BYTES ? bytes.len : FILE_PART_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return fsync(fd) == 0;
}

/* By /proc, since AT_EMPTY_PATH is for the privileged before Linux 6.10. */
static bool
give_name(int fd, int directory, const char *name)
{
	char self[32];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, directory, name, AT_SYMLINK_FOLLOW) == 0)
		return true;
	return errno == ENOENT &&
	       linkat(fd, "", directory, name, AT_EMPTY_PATH) == 0;
}

/* The file has its name from the start, and loses it when it fails. */
static bool
write_named(int directory, const char *name, struct str bytes)
{
	OWNED_FD fd = openat(
	    directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);

	if (fd < 0)
		return false;
	if (write_synced(fd, bytes))
		return true;

	int why = errno;

	(void)unlinkat(directory, name, 0);
	errno = why;
	return false;
}

/* open(2): what file systems and kernels without such files say. */
static bool
has_no_nameless(int why)
{
	return why == EOPNOTSUPP || why == EISDIR || why == EINVAL;
}

static bool
write_in(int directory, const char *name, struct str bytes)
{
	OWNED_FD fd =
	    openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);

	if (fd < 0 && has_no_nameless(errno))
		return write_named(directory, name, bytes);
	if (fd < 0 || !write_synced(fd, bytes))
		return false;
	FAULT_POINT("file_synced");
	if (give_name(fd, directory, name))
		return true;
	/* neither /proc nor the privilege to do without */
	return errno == ENOENT && write_named(directory, name, bytes);
}

bool
new_file_write(int directory, const char *name, struct str bytes)
{
	if (!write_in(directory, name, bytes))
		return false;
	FAULT_POINT("file_linked");
	return fsync(directory) == 0;
}
