/* copy_logs.c - commits and versions of all logs, each up to its cut. */
#include "backup/copy.h"
#include "backup/row_text.h"
#include "calls/store_call.h"
#include "record/value.h"

/* A branch that merged after the cut of another log was seen has moved on: the
 * merge would name another commit in a store that is restored from this. */
static enum err
must_have(struct copy *k, int64_t log, int64_t seq)
{
	const struct rows *refs = &k->rows[ENTITY_REFS];
	size_t i = copy_find_log(refs, log);

	if (i == refs->count || seq <= k->cut[i])
		return OK;
	return fail(k->call->error, ERR_CONFLICT,
	    "Branches were merged while they were copied: try again");
}

static enum err
copy_commits(struct copy *k, int64_t log, int64_t cut)
{
	const struct entity *t = &record_schema.entities[ENTITY_COMMITS];

	for (int64_t seq = 0; seq < cut;) {
		const struct test where[] = {
			{ COMMIT_BRANCH, TEST_EQ, value_int(log) },
			{ COMMIT_SEQ, TEST_GT, value_int(seq) },
			{ COMMIT_SEQ, TEST_LE, value_int(cut) },
		};
		const struct scan scan = { .entity = ENTITY_COMMITS,
			.index = INDEX_KEY,
			.limit = COPY_PAGE,
			.where = where,
			.where_count = 3 };
		struct rows page;

		TRY(store_scan(copy_new_page(k), &scan, &page));
		for (size_t i = 0; i < page.count; i++) {
			const struct value *row = page.row[i];

			if (row[COMMIT_MERGED_BRANCH].type == VALUE_INT)
				TRY(must_have(k, row[COMMIT_MERGED_BRANCH].as.i,
				    value_int_or(row[COMMIT_MERGED_SEQ], 0)));
			TRY(copy_row(k, t, row));
		}
		copy_moved(k, (int64_t)page.count);
		if (page.count == 0)
			return fail(k->call->error, ERR_INTERNAL,
			    "Log %lld has no commit behind position %lld",
			    (long long)log, (long long)seq);
		seq = page.row[page.count - 1][COMMIT_SEQ].as.i;
	}
	return OK;
}

static enum err
copy_versions(struct copy *k, int64_t log, int64_t cut)
{
	struct point above = { log, -1 };
	struct versions page = { .more = true };

	while (page.more) {
		int64_t from = above.seq > 0 ? above.seq : 0;

		TRY(store_changes(
		    copy_new_page(k), above, cut, COPY_PAGE, &page));
		for (size_t i = 0; i < page.count; i++) {
			const struct version *v = &page.at[i];
			struct value row[VERSION_COLUMNS];

			TRY(must_have(k, v->origin.branch, v->origin.seq));
			version_to_values(v, row);
			TRY(copy_row(k, &version_entity, row));
		}
		if (page.count != 0)
			above.seq = page.at[page.count - 1].at.seq;
		copy_moved(k, (page.more ? above.seq : cut) - from);
	}
	return OK;
}

static enum err
copy_section(struct copy *k, const char *section,
    enum err copy_log(struct copy *, int64_t log, int64_t cut))
{
	const struct rows *refs = &k->rows[ENTITY_REFS];

	TRY(backup_section(k->to, section, k->call->error));
	for (size_t i = 0; i < refs->count; i++)
		if (k->cut[i] != LEFT_OUT)
			TRY(copy_log(k, refs->row[i][REF_ID].as.i, k->cut[i]));
	return backup_section_end(k->to, k->call->error);
}

enum err
copy_logs(struct copy *k)
{
	TRY(copy_section(
	    k, record_schema.entities[ENTITY_COMMITS].name, copy_commits));
	return copy_section(k, version_entity.name, copy_versions);
}
