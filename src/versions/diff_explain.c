/*
 * diff_explain.c - compares the two files of a table or view for the parts that
 * have changed.
 */
#include "catalog/branch.h"
#include "catalog/table_file.h"
#include "iceberg/metadata_diff.h"
#include "iceberg/view.h"
#include "versions/diff.h"

/* A file that is gone or damaged differs, and nobody knows in what. */
static bool
is_of_the_file(enum err err)
{
	return err == ERR_NOT_FOUND || err == ERR_BAD_REQUEST ||
	       err == ERR_VALIDATION || err == ERR_INTERNAL;
}

static enum err
read_file(struct call *c, const struct version *v, struct metadata *ret)
{
	struct str text;

	TRY(table_file_text(c, v->location, &text));
	if (v->kind == KIND_VIEW)
		return view_parse(c->arena, text, ret, c->error);
	return table_file_parse(c, text, ret);
}

static enum err
compare_files(struct call *c, const struct difference *d,
    struct str ret[METADATA_DIFF_MAX], size_t *ret_count)
{
	struct metadata from, to;
	enum err err = read_file(c, &d->from, &from);

	if (err == OK)
		err = read_file(c, &d->to, &to);
	if (err != OK && !is_of_the_file(err))
		return err;
	if (err == OK) {
		*ret_count = metadata_diff(&from, &to, ret);
		return OK;
	}
	*c->error = (struct error){ 0 };
	ret[0] = STR("metadata");
	*ret_count = 1;
	return OK;
}

/* The words are literals; the files are gone behind the call. */
static enum err
compare_aside(struct call *c, const struct difference *d,
    struct str ret[METADATA_DIFF_MAX], size_t *ret_count)
{
	struct arena *scratch = arena_new();
	struct call part = *c;
	enum err err;

	arena_set_ceiling(scratch, arena_room(c->arena));
	part.arena = scratch;
	err = compare_files(&part, d, ret, ret_count);
	arena_free(scratch);
	return err;
}

enum err
diff_explain(struct call *c, const struct difference *d, struct diff_words *ret)
{
	struct str *word =
	    ARENA_NEW(c->arena, struct str, METADATA_DIFF_MAX + 1);
	size_t count = 0, more = 0;

	if (d->from.kind != d->to.kind ||
	    (d->from.kind != KIND_NAMESPACE &&
		!id_eq(d->from.object, d->to.object)))
		word[count++] = STR("object");
	if (d->from.kind != d->to.kind)
		; /* nothing else is comparable */
	else if (d->from.kind == KIND_NAMESPACE) {
		if (!str_eq(d->from.body, d->to.body))
			word[count++] = STR("properties");
	} else if (!str_eq(d->from.location, d->to.location))
		TRY(compare_aside(c, d, word + count, &more));
	*ret = (struct diff_words){ word, count + more };
	return OK;
}
