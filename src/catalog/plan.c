#include "catalog/plan.h"

#include "base/niced.h"
#include "cache/immutable_cache.h"
#include "calls/bulkheads.h"
#include "catalog/table_file.h"
#include "object/object.h"

/* An immutable file, from the cache under `kind`, or read and cached.  `what`
 * names it in messages. */
static enum err
read_file(struct plan *p, const char *what, const char *kind,
    struct str location, struct str *ret)
{
	struct call *c = p->call;
	struct str name = table_file_name(c, kind, location);
	struct cached found;
	struct cache_load load;

	if (!work_look(&p->budget))
		return work_check(&p->budget, c->error);
	TRY(location_guard(c, p->branch, what, location));
	TRY(immutable_cache_find_or_load(c, name, &found, &load));
	if (found.value.ptr != NULL) {
		*ret = found.pin != 0 ? arena_copy(c->arena, found.value)
				      : found.value;
		immutable_cache_release(c, &found);
		immutable_cache_loaded(c, &load);
		return OK;
	}

	enum err err = object_read(c, location, ret);

	if (err == OK)
		immutable_cache_put(c, name, *ret, CACHE_FOREVER);
	immutable_cache_loaded(c, &load);
	return err;
}

static enum err
read_table(struct plan *p, struct str location, const struct scan_request *r)
{
	struct call *c = p->call;
	struct str text;

	TRY(table_file_text(c, location, &text));
	TRY(cpu_enter(c, text.len));

	enum err err = metadata_parse(c->arena, text, &p->metadata, c->error);

	if (err == OK)
		err = scan_plan_new(
		    &p->metadata, r, &p->budget, &p->scan, c->error);
	cpu_leave(c, text.len);
	return err;
}

/* The work of decoding manifests and lists of them, for niced_run(). */
struct work {
	struct scan_plan *scan;
	const struct scan_snapshot *snapshot; /* its list is added; or NULL */
	struct str list;
	struct scan_sources sources; /* these are planned */
	struct buf *text;
	struct error *error;
	enum err err;
};

static void
decode(void *arg)
{
	struct work *w = arg;

	w->err =
	    w->snapshot != NULL
		? scan_plan_add_list(w->scan, w->snapshot, w->list, w->error)
		: scan_plan_write(w->scan, w->sources, w->text, w->error);
}

static enum err
compute(struct call *c, struct work *w)
{
	TRY(bulkhead_enter(c, BULKHEAD_CPU));
	niced_run(decode, w);
	return bulkhead_leave(c, BULKHEAD_CPU, w->err);
}

static enum err
read_list(struct plan *p, const struct scan_snapshot *s)
{
	struct call *c = p->call;
	struct str bytes;

	if (s->manifest_list.ptr == NULL)
		return fail(c->error, ERR_UNSUPPORTED,
		    "Snapshot %lld has no manifest list", (long long)s->id);
	TRY(read_file(
	    p, "Manifest list", "manifest-list", s->manifest_list, &bytes));
	p->list_bytes += bytes.len;
	if (p->list_bytes > SCAN_BYTES_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "The manifest lists of this plan have more than %zu MiB",
		    SCAN_BYTES_MAX >> 20);
	return compute(c, &(struct work){ .scan = p->scan,
			      .snapshot = s,
			      .list = bytes,
			      .error = c->error });
}

enum err
plan_open(struct call *c, const struct branch *b, struct str metadata_location,
    const struct scan_request *r, struct plan *ret)
{
	const struct scan_snapshots *snapshots;

	if (c->nowait)
		return usage_would_block(c, "Scans are planned on threads.");
	*ret = (struct plan){
		.call = c, .branch = b, .budget = work_until(c->deadline_us)
	};
	TRY(read_table(ret, metadata_location, r));
	snapshots = scan_plan_snapshots(ret->scan);
	for (size_t i = 0; i < snapshots->count; i++)
		TRY(read_list(ret, &snapshots->at[i]));
	return OK;
}

/* All is read before anything is decoded, so that waiting for objects and
 * work with the processor do not alternate. */
enum err
plan_part(struct plan *p, struct scan_range range, struct buf *ret)
{
	struct scan_sources all = scan_plan_sources(p->scan, range);
	struct call *c = p->call;
	size_t bytes = 0;

	for (size_t i = 0; i < all.count; i++) {
		struct scan_source *s = &all.at[i];

		TRY(read_file(p, "Manifest", "manifest", s->path, &s->bytes));
		bytes += s->bytes.len;
		if (bytes > SCAN_BYTES_MAX)
			return fail(c->error, ERR_BAD_REQUEST,
			    "This part of the plan reads more than %zu MiB of "
			    "manifests",
			    SCAN_BYTES_MAX >> 20);
	}
	return compute(c, &(struct work){ .scan = p->scan,
			      .sources = all,
			      .text = ret,
			      .error = c->error });
}
