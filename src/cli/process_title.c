#include "cli/process_title.h"

#include <stdio.h>
#include <string.h>

struct process_title
process_title_find(int argc, char **argv)
{
	char *end = argv[0];

	if (end == NULL)
		return (struct process_title){ 0 };
	for (char **p = argv; *p == end; p++) {
		end += strlen(end) + 1;
		if (p + 1 == argv + argc)
			p++; /* the NULL between the two vectors */
	}
	return (struct process_title){ argv[0], (size_t)(end - argv[0]) };
}

void
process_title_set(struct process_title t, const char *role)
{
	if (t.size == 0)
		return;
	memset(t.at, 0, t.size);
	(void)snprintf(t.at, t.size, "pangolin %s", role);
}
