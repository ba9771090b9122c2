/*
 * backup_file.h - the file of a backup: lines of JSON, in sections.
 *
 *   {"pangolin":"backup","format":1,"schema":2,"version":"..","time":"..","id":".."}
 *   {"pangolin":"section","name":"users"}
 *   {"id":"..","username":".."}                 a row, by row_text.h
 *   {"pangolin":"end","name":"users","rows":1,"sha256":".."}      of its rows
 *   {"pangolin":"complete","rows":1,"sha256":".."}      of all lines before it
 *
 * So damage is found by its line or its section, and a file that was cut by
 * the missing last line.
 */
#ifndef PANGOLIN_BACKUP_FILE_H
#define PANGOLIN_BACKUP_FILE_H

#include <stdio.h>

#include <sodium.h>

#include "base/json.h"
#include "base/uuid.h"

#define BACKUP_FORMAT 1
#define SECTIONS_MAX 64
#define SHA256_TEXT (2 * crypto_hash_sha256_BYTES + 1)

struct section {
	char name[32];
	int64_t rows;
	char sha256[SHA256_TEXT];
};

/* The content of a file, as it was written or read; `name` is for messages. */
struct backup_file {
	const char *name;
	FILE *file; /* NULL, writing: only the sums are wanted */
	struct id id;
	int64_t schema;
	char version[32]; /* of the program that wrote it */
	int64_t rows, bytes;
	struct section section[SECTIONS_MAX]; /* the last one may be open */
	size_t section_count;
	bool in_section;
	crypto_hash_sha256_state whole, part;
	/* reading */
	int64_t line;
	char *text;
	size_t room;
};

/* ---- writing: begin, then sections of rows, then complete */
MUST_CHECK enum err backup_begin(struct backup_file *, struct error *);
MUST_CHECK enum err backup_section(
    struct backup_file *, const char *name, struct error *);
MUST_CHECK enum err backup_row(
    struct backup_file *, struct str line, struct error *);
MUST_CHECK enum err backup_section_end(struct backup_file *, struct error *);
/* The file is durable when this returns. */
MUST_CHECK enum err backup_complete(struct backup_file *, struct error *);

/* ---- reading */
enum backup_line { BACKUP_SECTION, BACKUP_ROW, BACKUP_END, BACKUP_COMPLETE };

/* The first line, from the start of the file. */
MUST_CHECK enum err backup_open(
    struct backup_file *, int64_t schema, struct arena *, struct error *);
/* Reads the next line: a row's object, or the name of a section in section[].
 * A line that does not fit is ERR_BAD_REQUEST, with its number. */
MUST_CHECK enum err backup_next(struct backup_file *, struct arena *,
    enum backup_line *ret, yyjson_val **ret_row, struct error *);
/* The same error for a row that was read. */
enum err backup_damaged(struct backup_file *, struct error *);
void backup_close(struct backup_file *); /* not the FILE */

#endif
