#include "base/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads the name in the file, without a newline; "" when there is no file. */
static void
read_wanted(const char *path, char *ret, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, ret, room - 1);
		(void)close(fd);
	}
	ret[n < 0 ? 0 : n] = '\0';
}

/* Opening a FIFO to read waits for its writer. */
static void
wait_at_gate(const char *path)
{
	char gate[4096];
	int fd;

	(void)snprintf(gate, sizeof(gate), "%s.gate", path);
	fd = open(gate, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
}

void
fault_point(const char *name)
{
	const char *path = getenv("FAULT_POINT");
	size_t len = strlen(name);
	char wanted[64];

	if (path == NULL)
		return;
	read_wanted(path, wanted, sizeof(wanted));
	if (strncmp(wanted, name, len) != 0)
		return;

	bool alone = strcmp(wanted + len, "!") == 0;
	bool holds = strcmp(wanted + len, "?") == 0;

	/* of two that come here at once one is killed, or held */
	if ((!alone && !holds && wanted[len] != '\0') || unlink(path) != 0)
		return;
	if (holds) {
		wait_at_gate(path);
		return;
	}
	(void)kill(alone ? getpid() : 0, SIGKILL);
	for (;;)
		(void)pause();
}
