/*
 * settings_source.h - shared by the files of settings_load(): file,
 * environment, command line.
 */
#ifndef PANGOLIN_SETTINGS_SOURCE_H
#define PANGOLIN_SETTINGS_SOURCE_H

#include "config/settings_value.h"

struct load {
	struct arena *arena;
	struct settings *settings;
	struct error *error;
	void *into; /* the struct of the rows: the settings, or a provider */
};

/* Reads a file of at most `max` bytes; `where` begins the message of a
 * failure. */
MUST_CHECK enum err settings_read_file(struct load *, struct str where,
    const char *path, size_t max, struct str *ret);

/* Notes a file that holds a secret: others should not be able to read it. */
void settings_note_secret_file(struct load *, struct str path);

/* Set `row` from text. */
MUST_CHECK enum err settings_give_text(struct load *, const struct setting *row,
    struct str text, struct str where);

/* Set the secret `row` from the file that `path` names. */
MUST_CHECK enum err settings_give_secret(
    struct load *, const struct setting *row, struct given path);

/* Set whatever `key` is, an option of a plugin too, from text. */
MUST_CHECK enum err settings_give(
    struct load *, struct str key, struct str text, struct str where);

/* Add an option, or replace the one that an earlier source gave. */
void settings_give_option(struct load *, const struct option *);

MUST_CHECK enum err settings_refuse_unknown(
    struct load *, struct str key, struct str where);

/* ---- settings_env.c */
MUST_CHECK enum err settings_read_env(struct load *);

/* ---- settings_check.c: defaults that depend on the machine, and rules that
 * concern several settings */
MUST_CHECK enum err settings_derive(struct load *);
MUST_CHECK enum err settings_check(const struct settings *, struct error *);

#endif
