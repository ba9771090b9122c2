/*
 * suite.h - the contract suite: what every store must do, whatever it is.
 *
 * A test is a function that is handed a store of its own, opened and empty
 * but for branch 1, which is live.  A check that fails prints one line.
 */
#ifndef PANGOLIN_SUITE_H
#define PANGOLIN_SUITE_H

#include <stdio.h>

#include "base/clock.h"
#include "calls/store_call.h"

/* ---- the records of the suite */
enum {
	ITEMS = ENTITY_FIRST_FREE, /* every type, every kind of index */
	WORDS,                     /* a key of two texts */
	EXTRAS                     /* since version 2 */
};

enum item_field {
	ITEM_ID,
	ITEM_NAME,  /* TEXT, unique */
	ITEM_SIZE,  /* INT */
	ITEM_TAG,   /* TEXT */
	ITEM_DATA,  /* BYTES */
	ITEM_OWNER, /* ID */
	ITEM_NOTE,  /* TEXT, since version 2 */
	ITEM_FIELDS
};
enum item_index { ITEMS_BY_NAME, ITEMS_BY_TAG, ITEMS_BY_OWNER, ITEMS_BY_NOTE };
enum word_field { WORD_LANGUAGE, WORD_TEXT, WORD_COUNT, WORD_FIELDS };

extern const struct schema schema_1, schema_2;

/* ---- a store for one test */
struct fixture {
	const struct plugin *plugin;
	const struct store_ops *ops;
	const struct str *options; /* as they were given */
	struct plugin_settings settings;
	const struct schema *schema;
	struct store *store;
	struct arena *arena;
	struct error error;
	struct call call;
};

/* To another state directory, and whatever else an option says {test} of. */
void fixture_move(struct fixture *, struct arena *, struct str state_dir);
void fixture_open(struct fixture *);  /* opens what is there once more */
void fixture_close(struct fixture *); /* the store stays as it is */

/* The same plugin on a place of its own, for another schema; not migrated. */
struct fixture fixture_with_schema(struct fixture *, const struct schema *);

/* The same store for another thread, with an arena and an error of its own. */
struct fixture fixture_share(const struct fixture *);
void fixture_unshare(struct fixture *);

struct call *in_time(struct fixture *); /* with half a minute to live */

/* ---- checks */
void check_failed(const char *file, int line, const char *what);

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what))                                                   \
			check_failed(__FILE__, __LINE__, #what);               \
	} while (0)

extern uint32_t suite_many; /* generations, keys of the large tests: -m */

struct suite_test {
	const char *name;
	void (*run)(struct fixture *);
	uint32_t needs; /* PLUGIN_SHARED: the data outlives the process */
};

#define SUITE_HAS_SERVER (1u << 31) /* there is an option `url` */

extern const struct suite_test record_tests[], write_tests[], paging_tests[],
    log_tests[], apply_tests[], group_tests[], upkeep_tests[], erase_tests[],
    load_tests[], history_tests[], race_tests[], interleave_tests[],
    process_tests[], migrate_tests[], cut_tests[], watch_tests[];

/* ---- short ways to say things */
struct value null_value(void);
struct value int_value(int64_t);
struct value text_value(const char *);
struct value bytes_value(const void *, size_t);
struct value id_value(uint32_t);
struct id id_of(uint32_t); /* one per number */

#define SET(field) (UINT64_C(1) << (field))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct test test_of(uint16_t field, enum test_op, struct value);

/* One unit of branch 0; its verdict.  A NULL text is stored as NULL. */
enum verdict write_rows(struct fixture *, const struct write *, size_t count);
enum verdict put_row(
    struct fixture *, uint16_t entity, const struct value *row, uint64_t set);
enum verdict put_item(struct fixture *, int64_t id, const char *name,
    int64_t size, const char *tag);
const struct value *get_row(
    struct fixture *, uint16_t entity, const struct value *key);
const struct value *get_item(struct fixture *, int64_t id);

/* Makes a branch, forked from another at a position (0, 0: from nothing). */
void put_branch(struct fixture *, int64_t branch, struct point fork);
void delete_branch(struct fixture *, int64_t branch);
void protect_branch(struct fixture *, int64_t branch, int64_t value);

struct key table_key(const char *ns, const char *name);
struct version table_version(
    const char *ns, const char *name, const char *location);
struct version tombstone(const char *ns, const char *name);
struct expect expect_seq(const char *ns, const char *name, int64_t seq);
struct unit unit_of(uint32_t id, const struct version *puts, size_t count);

/* Takes the id by a row of branch 0, which no commit has. */
enum verdict claim_id(struct fixture *, uint32_t id);
enum verdict apply_one(struct fixture *, int64_t branch, struct unit *);
/* One version without expectations; its position, 0 if not applied. */
int64_t put_version(
    struct fixture *, int64_t branch, uint32_t id, struct version);
int64_t head_of(struct fixture *, int64_t branch);
struct version read_at(
    struct fixture *, struct point, const char *ns, const char *name);
const struct value *get_commit(struct fixture *, int64_t branch, int64_t seq);

#endif
