/*
 * process_stat.c - reads numbers of a line of /proc, and counts the entries of
 * a folder.
 */
#include "ops/process_stat.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Of /proc/PID/stat. */
#define FIELD_BEHIND_NAME 3
#define FIELD_USER 14
#define FIELD_SYSTEM 15
#define FIELD_PAGES 24

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

static bool
read_line(pid_t pid, char line[LINE_MAX])
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);

	FILE *f = fopen(path, "re");
	bool read = f != NULL && fgets(line, LINE_MAX, f) != NULL;

	if (f != NULL)
		(void)fclose(f);
	return read;
}

/* The name in brackets may hold anything; fields are counted from 1. */
static int64_t
field_of(const char *line, int field)
{
	const char *end = strrchr(line, ')');
	struct str rest = str_from(end != NULL ? end + 1 : "");
	int64_t value = 0;

	(void)str_cut(&rest, ' ');
	for (int i = FIELD_BEHIND_NAME; i < field; i++)
		(void)str_cut(&rest, ' ');
	(void)str_to_int(str_cut(&rest, ' '), &value);
	return value;
}

bool
process_stat(pid_t pid, struct process_stat *ret)
{
	char line[LINE_MAX];

	if (!read_line(pid, line))
		return false;

	int64_t ticks =
	    field_of(line, FIELD_USER) + field_of(line, FIELD_SYSTEM);

	ret->cpu_us = ticks * CLOCK_SECOND / sysconf(_SC_CLK_TCK);
	ret->resident_bytes =
	    field_of(line, FIELD_PAGES) * sysconf(_SC_PAGESIZE);
	ret->open_files = count_files(pid);
	return true;
}
