/*
 * process_title.h - sets the name that ps shows of a process, by writing over
 * its arguments and environment.
 *
 * Both lie in one block at the top of the stack, one string after another
 * (proc(5), cmdline).  Libraries may change the environment before main():
 * their strings lie elsewhere, and belong to somebody else.
 */
#ifndef PANGOLIN_PROCESS_TITLE_H
#define PANGOLIN_PROCESS_TITLE_H

#include <stddef.h>

struct process_title {
	char *at; /* NULL: there is nothing to write over */
	size_t size;
};

/* The block that begins with argv[0], as far as its strings follow each other.
 * Strings of the environment are overwritten, too: code that needs them has
 * copies.  `argv` is the kernel's vector, with that of the environment behind
 * it. */
struct process_title process_title_find(int argc, char **argv);

/* "pangolin [parent]"; what does not fit is cut off. */
void process_title_set(struct process_title, const char *role);

#endif
