/*
 * stuck_open.c - open() of a file hangs while another file, named by the
 * environment, is there: a disk that does not answer.  For LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
open(const char *path, int flags, ...)
{
	const char *flag = getenv("STUCK_FLAG");
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	while (flag != NULL && strstr(path, "/stuck/") != NULL &&
	       access(flag, F_OK) == 0)
		(void)usleep(20000);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int __open_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
	return open(path, flags);
}
