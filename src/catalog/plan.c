#include "catalog/plan.h"

#include "cache/kept.h"
#include "catalog/table_file.h"
#include "object/object.h"
#include "plugin/lanes.h"

#define UNPACKED_BY 8 /* about so much larger are manifests unpacked */

static struct str
fact_name(struct arena *a, const char *kind, struct str location)
{
	struct buf name = buf_in(a);

	buf_add(&name, str_from(kind));
	buf_add(&name, location);
	return buf_str(&name);
}

/* A file that never changes, from what is kept of `kind`, or read and kept.
 * `what` names it in messages. */
static enum err
read_file(const struct plan *p, const char *what, const char *kind,
    struct str location, struct str *ret)
{
	struct call *c = p->call;
	struct str name = fact_name(c->arena, kind, location);
	struct cached found;

	TRY(location_guard(c, p->branch, what, location));
	TRY(fact_find(c, name, &found));
	if (found.value.ptr != NULL) {
		*ret = found.pin != 0 ? arena_copy(c->arena, found.value)
				      : found.value;
		fact_release(c, &found);
		return OK;
	}
	TRY(object_read(c, location, ret));
	fact_put(c, name, *ret, CACHE_FOREVER);
	return OK;
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
		err = scan_plan_new(&p->metadata, r, &p->scan, c->error);
	cpu_leave(c, text.len);
	return err;
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
	    p, "Manifest list", "manifest-list:", s->manifest_list, &bytes));
	TRY(cpu_enter(c, bytes.len));

	enum err err = scan_plan_add_list(p->scan, s, bytes, c->error);

	cpu_leave(c, bytes.len);
	return err;
}

enum err
plan_open(struct call *c, const struct branch *b, struct str metadata_location,
    const struct scan_request *r, struct plan *ret)
{
	const struct scan_snapshots *snapshots;

	*ret = (struct plan){ .call = c, .branch = b };
	TRY(read_table(ret, metadata_location, r));
	snapshots = scan_plan_snapshots(ret->scan);
	for (size_t i = 0; i < snapshots->count; i++)
		TRY(read_list(ret, &snapshots->at[i]));
	return OK;
}

/* All is read before anything is decoded, so that waiting for objects and
 * work with the processor do not alternate. */
enum err
plan_part(const struct plan *p, struct scan_range range, struct buf *ret)
{
	struct scan_sources all = scan_plan_sources(p->scan, range);
	struct call *c = p->call;
	size_t bytes = 0;

	for (size_t i = 0; i < all.count; i++) {
		struct scan_source *s = &all.at[i];

		TRY(read_file(p, "Manifest", "manifest:", s->path, &s->bytes));
		bytes += s->bytes.len;
		if (bytes > SCAN_BYTES_MAX)
			return fail(c->error, ERR_BAD_REQUEST,
			    "This part of the plan reads more than %zu MiB of "
			    "manifests",
			    SCAN_BYTES_MAX >> 20);
	}
	bytes *= UNPACKED_BY;
	TRY(cpu_enter(c, bytes));

	enum err err =
	    scan_plan_write(p->scan, all, c->deadline_us, ret, c->error);

	cpu_leave(c, bytes);
	return err;
}
