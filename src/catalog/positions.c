/*
 * positions.c - resolves addresses of refs, commits and instants: see refs.h.
 *
 * Positions of commits and of past instants never change and are cached for
 * ever; the horizon, which does change, is read each time.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "cache/immutable_cache.h"
#include "calls/store_call.h"
#include "catalog/refs.h"
#include "record/value.h"

/* Forks of forks of forks: more than anybody makes. */
#define LINEAGE_MAX 10000

/* Commits that are looked at in one round trip. */
#define PROBES 16

/* ---- addresses */
enum err
ref_spec_parse(struct str text, struct ref_spec *ret, struct error *e)
{
	struct ref_spec spec = { 0 };
	struct str at = text;

	spec.ref = str_cut(&at, '~');
	if (spec.ref.len != 0)
		TRY(ref_name_check(spec.ref, e));
	if (at.ptr == NULL) {
		if (spec.ref.len == 0)
			return fail(e, ERR_BAD_REQUEST,
			    "Behind '@' stands the name of a branch or tag");
		*ret = spec;
		return OK;
	}
	if (id_parse(at, &spec.commit))
		spec.at = SPEC_COMMIT;
	else if (clock_parse(at, &spec.at_us))
		spec.at = SPEC_INSTANT;
	else
		return fail(e, ERR_BAD_REQUEST,
		    "Behind '~' stands the id of a commit or an instant such "
		    "as 2026-11-01T00:00:00Z, not '" STR_FMT "'",
		    STR_ARG(at));
	*ret = spec;
	return OK;
}

/* ---- what never changes */
static bool
point_of_text(struct str text, struct point *ret)
{
	struct str branch = str_cut(&text, ' ');

	return text.ptr != NULL && str_to_int(branch, &ret->branch) &&
	       str_to_int(text, &ret->seq);
}

static enum err
known_point(struct call *c, struct str name, struct point *ret, bool *ret_any)
{
	struct cached found;

	TRY(immutable_cache_find(c, name, &found));
	*ret_any = found.value.ptr != NULL && point_of_text(found.value, ret);
	immutable_cache_release(c, &found);
	return OK;
}

static void
know_point(struct call *c, struct str name, struct point p)
{
	struct str text =
	    arena_printf(c->arena, "%" PRId64 " %" PRId64, p.branch, p.seq);

	immutable_cache_put(c, name, text, CACHE_FOREVER);
}

/* ---- commits */
static enum err
no_commit(struct call *c, const struct catalog *catalog, struct id commit)
{
	char text[ID_TEXT];

	id_format(commit, text);
	return fail(c->error, ERR_NO_SUCH_REF,
	    "Catalog '" STR_FMT "' has no commit %s", STR_ARG(catalog->name),
	    text);
}

enum err
position_is_kept(struct call *c, const struct catalog *catalog, struct point p)
{
	struct ref ref;

	TRY(ref_get_by_id(c, catalog, p.branch, &ref));
	if (p.seq >= ref.horizon)
		return OK;
	return fail(c->error, ERR_NO_SUCH_REF,
	    "Branch '" STR_FMT "' has no history that old any more",
	    STR_ARG(ref.name));
}

static enum err
find_commit(struct call *c, struct id commit, struct point *ret)
{
	const struct test same = { COMMIT_ID, TEST_EQ, value_id(commit) };
	const struct value *row;
	char text[ID_TEXT];
	bool known;

	id_format(commit, text);

	struct str name = arena_printf(c->arena, "commit/%s", text);

	TRY(known_point(c, name, ret, &known));
	if (known)
		return OK;
	*ret = (struct point){ 0 };
	TRY(record_find(c, ENTITY_COMMITS, COMMITS_BY_ID, &same, 1, &row));
	/* branch 0: the id of an answer, see once.h */
	if (row == NULL || value_int_or(row[COMMIT_BRANCH], 0) == 0)
		return OK;
	*ret = (struct point){ row[COMMIT_BRANCH].as.i, row[COMMIT_SEQ].as.i };
	know_point(c, name, *ret);
	return OK;
}

enum err
commit_position(struct call *c, const struct catalog *catalog, struct id commit,
    struct point *ret)
{
	struct point found;
	struct ref ref;

	TRY(find_commit(c, commit, &found));
	if (found.branch == 0)
		return no_commit(c, catalog, commit);

	enum err err = ref_get_by_id(c, catalog, found.branch, &ref);

	if (err == ERR_NO_SUCH_REF)
		return no_commit(c, catalog, commit);
	TRY(err);
	TRY(position_is_kept(c, catalog, found));
	*ret = found;
	return OK;
}

/* Rows of a branch's commits; NULL where there is none. */
static enum err
get_commits(struct call *c, int64_t branch, const int64_t *seq, size_t count,
    struct rows *ret)
{
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, count);

	for (size_t i = 0; i < count; i++) {
		struct value *key = ARENA_NEW(c->arena, struct value, 2);

		key[0] = value_int(branch);
		key[1] = value_int(seq[i]);
		keys[i] = key;
	}
	return store_get(c, ENTITY_COMMITS, keys, count, ret);
}

enum err
point_commit(struct call *c, const struct catalog *catalog, struct point p,
    struct commit_mark *ret)
{
	struct point tail = { p.branch, 0 };
	struct rows rows;
	struct ref ref;

	TRY(ref_get_by_id(c, catalog, p.branch, &ref));
	if (p.seq != 0)
		TRY(store_heads(c, &tail, 1));
	if (tail.seq > p.seq)
		tail.seq = p.seq;
	if (tail.seq == 0) {
		*ret = (struct commit_mark){ ref.forked.branch != 0 ? ref.forked
								    : tail,
			ref.fork_commit, ref.fork_us };
		return OK;
	}
	TRY(get_commits(c, p.branch, &tail.seq, 1, &rows));
	if (rows.row[0] == NULL)
		return fail(c->error, ERR_INTERNAL,
		    "Branch '" STR_FMT "' lacks commit %" PRId64,
		    STR_ARG(ref.name), tail.seq);
	*ret =
	    (struct commit_mark){ tail, value_id_or_nil(rows.row[0][COMMIT_ID]),
		    value_int_or(rows.row[0][COMMIT_AT_US], 0) };
	return OK;
}

/* ---- instants */
/* Narrows the search: *io_low is known to be no younger (0: none is), *io_high
 * to be younger. */
static enum err
probe(struct call *c, int64_t branch, int64_t at_us, int64_t *io_low,
    int64_t *io_high)
{
	int64_t step = (*io_high - *io_low) / PROBES + 1, seq[PROBES];
	size_t count = 0;
	struct rows rows;

	for (int64_t s = *io_low + step; s < *io_high && count < PROBES;
	     s += step)
		seq[count++] = s;
	if (count == 0)
		seq[count++] = *io_low + 1;
	TRY(get_commits(c, branch, seq, count, &rows));
	for (size_t i = 0; i < count; i++) {
		if (rows.row[i] != NULL &&
		    value_int_or(rows.row[i][COMMIT_AT_US], 0) > at_us) {
			*io_high = seq[i];
			break;
		}
		*io_low = seq[i];
	}
	return OK;
}

/* Of one branch; 0: it has none so old. */
static enum err
newest_at(struct call *c, struct point upto, int64_t at_us, int64_t *ret)
{
	struct str name = arena_printf(
	    c->arena, "instant/%" PRId64 "/%" PRId64, upto.branch, at_us);
	struct point found, tail = { upto.branch, 0 };
	int64_t low = 0, high;
	bool known;

	TRY(known_point(c, name, &found, &known));
	if (known) {
		*ret = found.seq < upto.seq ? found.seq : upto.seq;
		return OK;
	}
	TRY(store_heads(c, &tail, 1));
	high = tail.seq + 1;
	while (high - low > 1)
		TRY(probe(c, upto.branch, at_us, &low, &high));
	/* a younger commit: none older can follow */
	if (high <= tail.seq)
		know_point(c, name, (struct point){ upto.branch, low });
	*ret = low < upto.seq ? low : upto.seq;
	return OK;
}

enum err
instant_position(struct call *c, const struct catalog *catalog,
    struct point upto, int64_t at_us, struct point *ret)
{
	struct point p = upto;
	struct ref ref;

	if (at_us > clock_now_us())
		return fail(c->error, ERR_BAD_REQUEST,
		    "An instant that is looked back at must not be to come");
	for (int i = 0; i < LINEAGE_MAX; i++) {
		struct point found = { p.branch, 0 };

		TRY(ref_get_by_id(c, catalog, p.branch, &ref));
		TRY(newest_at(c, p, at_us, &found.seq));
		if (found.seq != 0 || ref.forked.branch == 0 ||
		    (ref.is_partial && ref.created_us <= at_us)) {
			TRY(position_is_kept(c, catalog, found));
			*ret = found;
			return OK;
		}
		p = ref.forked;
	}
	return fail(c->error, ERR_INTERNAL, "Too many forks of forks");
}

/* ---- resolving */
/* Whether a commit is in the history of what ends at `from`. */
static enum err
is_in_history(struct call *c, const struct catalog *catalog, struct point from,
    struct point p, bool *ret)
{
	struct ref ref;

	*ret = false;
	for (int i = 0; i < LINEAGE_MAX && from.branch != 0; i++) {
		if (p.branch == from.branch) {
			*ret = p.seq <= from.seq;
			return OK;
		}
		TRY(ref_get_by_id(c, catalog, from.branch, &ref));
		from = ref.forked;
	}
	return OK;
}

static enum err
resolve_commit(struct call *c, const struct catalog *catalog,
    const struct ref_spec *spec, struct position *io)
{
	struct point found;
	char text[ID_TEXT];
	bool there = true;

	TRY(commit_position(c, catalog, spec->commit, &found));
	if (spec->ref.len != 0)
		TRY(is_in_history(c, catalog, io->point, found, &there));
	if (!there) {
		id_format(spec->commit, text);
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Commit %s is not in the history of '" STR_FMT "'", text,
		    STR_ARG(spec->ref));
	}
	io->point = found;
	return OK;
}

enum err
ref_resolve(struct call *c, const struct catalog *catalog,
    const struct ref_spec *spec, struct position *ret)
{
	struct position p = { 0 };

	if (spec->ref.len != 0)
		TRY(ref_get(c, catalog, spec->ref, &p.ref));
	else
		TRY(ref_get_by_id(c, catalog, catalog->main_branch, &p.ref));
	p.point = p.ref.kind == REF_TAG ? p.ref.forked
					: (struct point){ p.ref.id, SEQ_HEAD };
	p.writable = p.ref.kind == REF_BRANCH && spec->at == SPEC_HEAD;
	if (spec->at == SPEC_COMMIT)
		TRY(resolve_commit(c, catalog, spec, &p));
	else if (spec->at == SPEC_INSTANT)
		TRY(instant_position(
		    c, catalog, p.point, spec->at_us, &p.point));
	*ret = p;
	return OK;
}

/* A point, and the points of its parents. */
static enum err
add_links(struct call *c, const struct catalog *catalog, struct point p,
    struct point *link, size_t *io_count)
{
	struct ref ref = { 0 };

	while (p.branch != 0) {
		if (*io_count == CHAIN_LINKS_MAX)
			return fail(c->error, ERR_INTERNAL,
			    "Too many branches stand behind branch '" STR_FMT
			    "'",
			    STR_ARG(ref.name));
		link[(*io_count)++] = p;
		if (p.branch == catalog->main_branch)
			break; /* it has no parent */
		TRY(ref_get_by_id(c, catalog, p.branch, &ref));
		p = ref.parent;
	}
	return OK;
}

enum err
chain_of(struct call *c, const struct catalog *catalog, struct point p,
    struct chain *ret)
{
	struct point *link = ARENA_NEW(c->arena, struct point, CHAIN_LINKS_MAX);
	size_t count = 0;

	TRY(add_links(c, catalog, p, link, &count));
	*ret = (struct chain){ link, count };
	return OK;
}

enum err
chain_of_position(struct call *c, const struct catalog *catalog,
    const struct position *p, struct chain *ret)
{
	struct point *link, next = p->ref.parent;
	size_t count = 1;

	if (p->ref.kind != REF_BRANCH || p->ref.id != p->point.branch)
		return chain_of(c, catalog, p->point, ret);
	link = ARENA_NEW(c->arena, struct point, CHAIN_LINKS_MAX);
	link[0] = p->point;
	TRY(add_links(c, catalog, next, link, &count));
	*ret = (struct chain){ link, count };
	return OK;
}
