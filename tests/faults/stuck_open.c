/*
 * stuck_open.c - openat2() of a file hangs while another file, named by the
 * environment, is there: a disk that does not answer.  For LD_PRELOAD; the C
 * library has no function for that call but syscall().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
hang(const char *path)
{
	const char *flag = getenv("STUCK_FLAG");

	while (flag != NULL && strstr(path, "/stuck/") != NULL &&
	       access(flag, F_OK) == 0)
		(void)usleep(20000);
}

long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	long argument[6];
	va_list ap;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2)
		hang((const char *)argument[1]);
	return next(number, argument[0], argument[1], argument[2], argument[3],
	    argument[4], argument[5]);
}
