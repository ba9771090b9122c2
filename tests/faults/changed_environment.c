/*
 * changed_environment.c - for LD_PRELOAD: as libraries do before main(), it
 * changes the environment.  CHANGE=more: a variable that is longer than all
 * that the program was started with; less: it takes one out; none: all.
 */
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void
change_environment(void)
{
	static char value[512 * 1024];
	const char *change = getenv("CHANGE");

	if (change == NULL)
		return;
	memset(value, 'x', sizeof(value) - 1);
	if (strcmp(change, "more") == 0)
		(void)setenv("LONG", value, 1);
	else if (strcmp(change, "less") == 0)
		(void)unsetenv("PATH");
	else
		(void)clearenv();
}
