/*
 * settings_table.h - the table of all settings: the shape of its rows, and
 * look-ups in it.
 */
#ifndef PANGOLIN_SETTINGS_TABLE_H
#define PANGOLIN_SETTINGS_TABLE_H

#include "config/settings.h"

/* The field that holds it, and the TOML and text forms it may have. */
enum setting_type {
	SETTING_STRING,   /* struct str */
	SETTING_PATH,     /* struct str; made absolute */
	SETTING_ADDRESS,  /* struct address */
	SETTING_INT,      /* int64_t */
	SETTING_DURATION, /* int64_t; seconds, or "250ms" "10s" "5m" "1h" "2d"
			   */
	SETTING_SIZE,     /* int64_t; bytes, or "16KiB" "64MiB" "1GiB" */
	SETTING_BOOL,     /* bool; text: true false yes no on off 1 0 */
	SETTING_ENUM,     /* an enum; the value is the choice's index */
	SETTING_LIST,     /* struct str_list; text: a,b,c */
	SETTING_URL,      /* struct str; http or https, see public_url.h */
	SETTING_NETWORKS, /* struct networks; text: 10.0.0.0/8,::1 */
};

#define SETTING_SECRET (1u << 0)  /* masked; KEY_file is read too */
#define SETTING_LIVE (1u << 1)    /* a reload applies it; others: a restart */
#define SETTING_NEGATED (1u << 2) /* the alias says the opposite */

struct setting {
	const char *key;   /* "server.listen"; keys of a section adjoin */
	const char *alias; /* another variable, of other programs; or NULL */
	enum setting_type type;
	unsigned flags;
	size_t offset;              /* of the field in struct settings */
	const char *fallback;       /* the default, as text */
	int64_t min, max;           /* of the value, or of a string's length */
	const char *const *choices; /* of an enum; NULL ends */
	const char *help;           /* one sentence */
};

/* Rows without a section come first; a NULL key ends. */
extern const struct setting settings_table[];

#define SETTING_ENV 64

/* "PANGOLIN_SERVER_LISTEN" */
void setting_env(const struct setting *, char ret[SETTING_ENV]);

/* NULL when no setting has that key. */
const struct setting *setting_find(struct str key);

/* The secret whose key with "_file" behind it is `key`, or NULL. */
const struct setting *setting_find_secret_file(struct str key);

/* Does `key` name a table of settings: "server", "cache"? */
bool setting_is_section(struct str key);

/* The section of a key, "" at the top; its name in that section. */
struct str setting_section(const struct setting *);
const char *setting_name(const struct setting *);

/* The key that an unknown one was probably meant to be, or NULL. */
const char *setting_nearest(struct str key);

#endif
