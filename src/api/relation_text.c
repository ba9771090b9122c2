/* relation_text.c - names of what is kept: what it is, then the location. */
#include "api/relation_text.h"

#include "api/access.h"
#include "api/relation_answer.h"
#include "base/buf.h"
#include "cache/kept.h"
#include "catalog/table_file.h"
#include "http/coding.h"
#include "iceberg/metadata.h"
#include "object/object.h"
#include "plugin/lanes.h"
#include "record/app.h"
#include "shm/hot_files.h"

struct text {
	struct str location;
	bool refs_only;
	struct str bytes;
	bool is_reply; /* the whole reply, as gzip: the client takes that */
};

struct held {
	struct request *request;
	struct cached cached;
};

static struct str
name_of(struct arena *a, const struct text *t, bool reply)
{
	struct buf name = buf_in(a);

	if (!reply && !t->refs_only)
		return table_file_fact(a, t->location);
	buf_add(&name, reply ? STR("reply") : STR("metadata"));
	buf_add(&name, t->refs_only ? STR(",refs:") : STR(":"));
	buf_add(&name, t->location);
	return buf_str(&name);
}

static void
let_go(void *arg)
{
	struct held *held = arg;

	cache_release(held->request->usage.levels, &held->cached);
}

/* What is shown in place is held until the reply is sent. */
static enum err
find(struct request *r, struct call *c, struct str name, struct str *ret)
{
	struct held *held = ARENA_NEW(r->arena, struct held, 1);

	held->request = r;
	TRY(fact_find(c, name, &held->cached));
	*ret = held->cached.value;
	if (held->cached.pin != 0)
		request_on_release(r, let_go, held);
	return OK;
}

/* Only what a branch or tag names (REST spec, loadTable). */
static enum err
refs_of(struct call *c, struct str *io)
{
	struct metadata metadata;
	size_t bytes = io->len;

	TRY(cpu_enter(c, bytes));

	enum err err = metadata_parse(c->arena, *io, &metadata, c->error);

	if (err == OK) {
		metadata_refs_only(&metadata);
		*io = metadata_text(&metadata);
	}
	cpu_leave(c, bytes);
	return err;
}

static enum err
read_file(struct call *c, struct text *t)
{
	TRY(table_file_read(c, t->location, &t->bytes));
	if (t->refs_only)
		TRY(refs_of(c, &t->bytes));
	fact_put(c, name_of(c->arena, t, false), t->bytes, CACHE_FOREVER);
	return OK;
}

/* The text, or the whole reply. */
static enum err
get(struct request *r, struct call *c, struct text *t)
{
	bool there = false;

	if (r->usage.levels != NULL)
		TRY(object_exists(c, t->location, &there));
	if (there && coding_takes_gzip(r)) {
		TRY(find(r, c, name_of(r->arena, t, true), &t->bytes));
		t->is_reply = t->bytes.ptr != NULL;
	}
	if (there && t->bytes.ptr == NULL)
		TRY(find(r, c, name_of(r->arena, t, false), &t->bytes));
	return t->bytes.ptr != NULL ? OK : read_file(c, t);
}

static void
keep(struct request *r, struct str gzip, void *arg)
{
	struct call call = request_call(r);

	fact_put(&call, *(const struct str *)arg, gzip, CACHE_FOREVER);
}

/* The reply is made of the text and nothing that may change: it is kept when
 * it has been packed. */
static void
keep_when_packed(struct request *r, const struct text *t)
{
	struct str *name = ARENA_NEW(r->arena, struct str, 1);

	*name = name_of(r->arena, t, true);
	r->reply.packed = keep;
	r->reply.packed_arg = name;
}

enum err
relation_send(struct request *r, struct call *c, const struct version *entry,
    bool refs_only)
{
	struct text text = { .location = entry->location,
		.refs_only = refs_only };

	TRY(get(r, c, &text));
	hot_files_note(r->app->hot, entry->location);
	if (text.is_reply) {
		coding_is_packed(r);
		reply_part(r, text.bytes);
		return OK;
	}
	keep_when_packed(r, &text);
	relation_answer(r,
	    &(struct relation){
		.metadata_location = text.location, .metadata = text.bytes },
	    true);
	return OK;
}
