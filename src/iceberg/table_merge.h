/*
 * table_merge.h - the three-way merge of two versions of one table, down to
 * its data files.
 *
 * What one side alone changed is taken from it: schema, partition spec, sort
 * order, location, each property, each ref, and the data.  Equal changes of
 * both are no conflict.  Where both sides have appended, the files that source
 * appended are added to target again, in fresh manifests under one new
 * snapshot.  Snapshots of target stay what they are.
 *
 * Nothing is written here: the caller writes `files`, then the metadata file,
 * then moves the pointer, and deletes the files when it lost the race
 * (catalog/merge_files.h).  The same input gives the same bytes.
 */
#ifndef PANGOLIN_TABLE_MERGE_H
#define PANGOLIN_TABLE_MERGE_H

#include "base/uuid.h"
#include "base/work_budget.h"
#include "iceberg/file_reader.h"
#include "iceberg/metadata_file.h"

/* Between values of a property, or of the location, that both have changed. */
enum merge_side { MERGE_TARGET, MERGE_SOURCE, MERGE_VALUE };

struct merge_choice {
	struct str field; /* as table_conflict has it */
	enum merge_side side;
	struct str value; /* of MERGE_VALUE; ptr NULL: the property goes */
};

struct merge_choices {
	const struct merge_choice *at;
	size_t count;
};

/* Borrowed and left as it is, but that the arena of `target` is allocated
 * from. */
struct table_merge_input {
	const struct metadata *base; /* the newest that both sides know */
	const struct metadata *source, *target;
	struct str target_file;       /* where target's metadata is */
	struct merge_choices choices; /* of an earlier result's conflicts */
	int64_t now_ms;
	struct id random; /* new names and ids are made of it */
	struct file_reader reader;
	struct work_budget *budget;
};

enum table_conflict_kind {
	CONFLICT_SCHEMA,   /* wire: SchemaChange */
	CONFLICT_METADATA, /* properties, spec, sort order, location ... */
	CONFLICT_DATA      /* DataOverlap */
};

struct table_conflict {
	enum table_conflict_kind kind;
	/* "schema", "partition-spec", "sort-order", "location",
	 * "properties.NAME", "refs.NAME", "encryption-keys", "table-uuid",
	 * "data", "metadata" (it does not fit together); of a view "version" */
	struct str field;
	struct str message; /* one sentence */
	/* JSON text of the field on each side; ptr NULL: it has none.  Of data
	 * the ids of the current snapshots. */
	struct str base, source, target;
	struct file_names files; /* of data: some of those concerned */
};

struct table_conflicts {
	struct table_conflict *at;
	size_t count;
};

struct new_file {
	struct str location, bytes;
};

struct new_files {
	struct new_file *at;
	size_t count;
};

/* With a conflict nothing else is meant.  Not `changed`: target has it all
 * already.  Otherwise `metadata` is what follows `target_file`. */
struct table_merge {
	struct table_conflicts conflicts;
	bool changed;
	struct metadata metadata;  /* in the arena of target */
	struct new_files files;    /* the manifest list is the last; or none */
	int64_t snapshot_id;       /* of the new snapshot, if there are files */
	struct file_names dropped; /* as update_result of updates.h has it */
};

/* Manifests that are damaged, too much or gone are a conflict of data.
 * ERR_UNAVAILABLE: the time is over; ERR_MEMORY; and what the reader says. */
MUST_CHECK enum err table_merge(
    const struct table_merge_input *, struct table_merge *ret, struct error *);

/* The same for views, which have no files. */
struct view_merge_input {
	const struct metadata *base, *source, *target;
	struct merge_choices choices;
	int64_t now_ms;
};

MUST_CHECK enum err view_merge(
    const struct view_merge_input *, struct table_merge *ret, struct error *);

#endif
