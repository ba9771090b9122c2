/*
 * older_names.h - names and flags that other catalogs' command lines have for
 * what is a command here, and short ones.
 */
#ifndef PANGOLIN_OLDER_NAMES_H
#define PANGOLIN_OLDER_NAMES_H

#include "base/str.h"

struct older_name {
	const char *name;     /* "list-tenants" */
	const char *command;  /* "tenant list" */
	const char *flags;    /* "-n --name": flags, each before ours */
	const char *operands; /* the flags whose values the first words are */
};

/* A NULL name ends. */
extern const struct older_name older_names[];

/* The flag of ours; `flag` itself when there is no other for it. */
struct str older_flag(const struct older_name *, struct str flag);

#endif
