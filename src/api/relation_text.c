/*
 * relation_text.c - a name in the cache is the kind of value, then the
 * location.
 */
#include "api/relation_text.h"

#include "api/access.h"
#include "api/relation_answer.h"
#include "api/served_metadata.h"
#include "app/app.h"
#include "base/buf.h"
#include "cache/immutable_cache.h"
#include "catalog/table_file.h"
#include "http/coding.h"
#include "object/object.h"
#include "tasks/last_run.h"

struct text {
	struct str location;
	unsigned served; /* of a table: enum served */
	struct str bytes;
	bool is_reply; /* the whole reply, as gzip: the client takes that */
	bool has_end;  /* of its own: no reply to it is kept */
};

struct held {
	struct request *request;
	struct cached cached;
};

static struct str
name_of(const struct call *c, const struct text *t, bool reply)
{
	const char *refs = (t->served & SERVED_REFS) != 0 ? ",refs" : "";
	const char *shared = (t->served & SERVED_SHARED) != 0 ? ",shared" : "";
	char kind[32];

	(void)snprintf(kind, sizeof(kind), "%s%s%s",
	    reply ? "reply" : "metadata", refs, shared);
	return table_file_name(c, kind, t->location);
}

static void
let_go(void *arg)
{
	struct held *held = arg;

	cache_release(held->request->usage.levels, &held->cached);
}

/* A text that is shown in place is held until the reply is sent.  `load`: a
 * text that is missing will be loaded; NULL: it will not. */
static enum err
find(struct request *r, struct call *c, struct str name, struct str *ret,
    struct cache_load *load)
{
	struct held *held = ARENA_NEW(r->arena, struct held, 1);

	held->request = r;
	if (load == NULL)
		TRY(immutable_cache_find(c, name, &held->cached));
	else
		TRY(immutable_cache_find_or_load(c, name, &held->cached, load));
	*ret = held->cached.value;
	if (held->cached.pin != 0)
		request_on_release(r, let_go, held);
	return OK;
}

static enum err
read_file(struct call *c, struct text *t)
{
	enum err err = t->served != 0
			   ? table_file_base(c, t->location, &t->bytes)
			   : table_file_read(c, t->location, &t->bytes);

	if (err == ERR_VALIDATION)
		return table_file_damaged(c, err, t->location);
	if (err != OK)
		return err;
	TRY(table_file_check(c, t->bytes, t->location));
	TRY(served_metadata(c, t->served, &t->bytes));
	immutable_cache_put(c, name_of(c, t, false), t->bytes, CACHE_FOREVER);
	return OK;
}

/* The text, or the whole reply. */
static enum err
get(struct request *r, struct call *c, struct text *t)
{
	struct cache_load load = { 0 };
	bool there = false;

	if (r->usage.levels != NULL)
		TRY(object_seems_there(c, t->location, &there));
	if (there && !t->has_end && coding_takes_gzip(r)) {
		TRY(find(r, c, name_of(c, t, true), &t->bytes, NULL));
		t->is_reply = t->bytes.ptr != NULL;
	}
	if (there && t->bytes.ptr == NULL)
		TRY(find(r, c, name_of(c, t, false), &t->bytes, &load));

	enum err err = t->bytes.ptr != NULL ? OK : read_file(c, t);

	immutable_cache_loaded(c, &load);
	return err;
}

static void
keep(struct request *r, struct str gzip, void *arg)
{
	struct call call = request_call(r);

	immutable_cache_put(
	    &call, *(const struct str *)arg, gzip, CACHE_FOREVER);
}

/* The reply is made of the text alone, which never changes: it is cached when
 * it has been compressed. */
static void
keep_when_packed(struct request *r, const struct call *c, const struct text *t)
{
	struct str *name = ARENA_NEW(r->arena, struct str, 1);

	*name = name_of(c, t, true);
	r->reply.packed = keep;
	r->reply.packed_arg = name;
}

static enum err
damaged(struct call *c, struct ident ident)
{
	struct error why = *c->error;

	return fail(c->error, ERR_INTERNAL, STR_FMT " cannot be read. %s",
	    STR_ARG(ident_shown(c->arena, ident)), why.message);
}

enum err
relation_send(struct request *r, struct call *c, struct ident ident,
    const struct version *entry, unsigned served, struct str end)
{
	struct text text = { .location = entry->location,
		.served = served,
		.has_end = end.ptr != NULL };
	enum err err = get(r, c, &text);

	if (err != OK)
		return err == ERR_INTERNAL ? damaged(c, ident) : err;
	last_run_note(c, r->app->hot, entry->location);
	if (text.is_reply) {
		coding_is_packed(r);
		reply_part(r, text.bytes);
		return OK;
	}
	if (!text.has_end)
		keep_when_packed(r, c, &text);
	relation_answer_with(r,
	    &(struct relation){
		.metadata_location = text.location, .metadata = text.bytes },
	    text.has_end ? end : ANSWER_LOADED);
	return OK;
}
