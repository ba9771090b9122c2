/* process_stat.c - two numbers of a line, and the length of a folder. */
#include "ops/process_stat.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* The kernel hides the folder of a process that has changed its user from all
 * others, siblings included. */
static int64_t
count_files(pid_t pid)
{
	char path[64];
	int64_t count = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);

	DIR *folder = opendir(path);

	if (folder == NULL)
		return -1;
	for (struct dirent *d = readdir(folder); d != NULL; d = readdir(folder))
		count += d->d_name[0] != '.';
	(void)closedir(folder);
	return count;
}

/* The name in brackets may hold anything, the numbers come behind it. */
static bool
read_stat(pid_t pid, struct process_stat *ret)
{
	char path[64], line[1024];
	unsigned long long user, system;
	long long pages;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);

	FILE *f = fopen(path, "re");

	if (f == NULL)
		return false;

	const char *read = fgets(line, sizeof(line), f);

	(void)fclose(f);

	const char *numbers = read != NULL ? strrchr(line, ')') : NULL;

	if (numbers == NULL ||
	    sscanf(numbers + 1,
		" %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu"
		" %*d %*d %*d %*d %*d %*d %*u %*u %lld",
		&user, &system, &pages) != 3)
		return false;
	ret->cpu_us =
	    (int64_t)(user + system) * CLOCK_SECOND / sysconf(_SC_CLK_TCK);
	ret->resident_bytes = pages * sysconf(_SC_PAGESIZE);
	return true;
}

bool
process_stat(pid_t pid, struct process_stat *ret)
{
	struct process_stat s = { .open_files = count_files(pid) };

	if (!read_stat(pid, &s))
		return false;
	*ret = s;
	return true;
}
