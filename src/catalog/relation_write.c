#include "catalog/relation_write.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/list.h"
#include "catalog/chosen_places.h"
#include "catalog/garbage.h"
#include "catalog/location_claims.h"
#include "catalog/location_owners.h"
#include "catalog/location_rows.h"
#include "catalog/namespaces.h"
#include "catalog/purges.h"
#include "catalog/table_file.h"
#include "iceberg/metadata_file.h"
#include "object/object.h"

enum err
relation_missing(struct call *c, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error,
	    kind == KIND_VIEW ? ERR_NO_SUCH_VIEW : ERR_NO_SUCH_TABLE,
	    "%s does not exist: " STR_FMT, kind_title(kind), STR_ARG(shown));
}

enum err
relation_races_lost(struct call *c, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error, ERR_COMMIT_FAILED,
	    "%s is being changed by others, try again: " STR_FMT,
	    kind_title(kind), STR_ARG(shown));
}

struct str
relation_message(
    struct call *c, const char *verb, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return arena_printf(c->arena, "%s %s " STR_FMT, verb,
	    kind == KIND_VIEW ? "view" : "table", STR_ARG(shown));
}

/* Of a name, in that of its directory: file systems take 255 bytes. */
#define DIRECTORY_BYTES 200

/* A directory of this name, whatever characters the name has: engines parse
 * locations as URIs, and not all of them decode. */
static void
add_directory(struct buf *b, struct str name)
{
	buf_add_char(b, '/');
	for (size_t i = 0; i < name.len && i < DIRECTORY_BYTES; i++) {
		char c = name.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '.';

		buf_add_char(b, (char)(plain ? c : '_'));
	}
}

/* The property `location` of a namespace; ptr NULL: it has none. */
static struct str
namespace_location(struct call *c, const struct version *ns)
{
	struct pairs properties = { 0 };
	struct error ignored;

	if (json_to_pairs(c->arena, ns->body, &properties, &ignored) != OK)
		return (struct str){ 0 };

	struct str location = pairs_find(properties, STR("location"));

	while (location.len > 1 && location.ptr[location.len - 1] == '/')
		location.len--;
	return location;
}

static bool
is_free(struct call *c, const struct branch *b, struct str location)
{
	struct call asking = *c;
	struct error ignored = { 0 };

	asking.error = &ignored;
	return location_claims_check(&asking, b, location) == OK &&
	       location_owners_check(&asking, b, location) == OK;
}

/* The directory of a table or view below its namespace's. */
static struct str
named_location(struct call *c, const struct branch *b, struct ident ident,
    const struct version *ns)
{
	struct str below = namespace_location(c, ns);
	struct buf location = buf_in(c->arena);

	if (below.len != 0) {
		buf_add(&location, below);
	} else {
		struct str rest = ident.ns;

		buf_add(&location, b->catalog.location);
		while (rest.ptr != NULL)
			add_directory(
			    &location, str_cut(&rest, LEVEL_SEPARATOR));
	}
	add_directory(&location, ident.name);
	return buf_str(&location);
}

static enum err
default_location(struct call *c, const struct branch *b, struct ident ident,
    const struct version *ns, struct id id, struct str *ret)
{
	struct str plain = named_location(c, b, ident, ns);
	struct buf elsewhere = buf_in(c->arena);

	*ret = plain;
	if (b->plain_locations && is_free(c, b, plain))
		return OK;
	TRY(chosen_place_name(c, b->catalog.id, id, plain, ret));
	if (!b->plain_locations || is_free(c, b, *ret))
		return OK;
	/* table "b" of namespace "a" has the directory of namespace "a.b" */
	buf_add(&elsewhere, b->catalog.location);
	add_directory(&elsewhere, ident.name);
	return chosen_place_name(
	    c, b->catalog.id, id, buf_str(&elsewhere), ret);
}

enum err
relation_seed(struct call *c, const struct branch *b, struct ident ident,
    const struct version *ns, struct table_seed *ret)
{
	struct id id = id_v4();
	struct str location;
	char text[ID_TEXT];

	id_format(id, text);
	TRY(default_location(c, b, ident, ns, id, &location));
	*ret =
	    (struct table_seed){ .uuid = arena_copy(c->arena, str_from(text)),
		    .location = location,
		    .now_ms = clock_now_us() / CLOCK_MS,
		    .deadline_us = c->deadline_us };
	return OK;
}

enum err
relation_place_check(struct call *c, enum kind kind, struct ident ident,
    const struct version read[2])
{
	struct str shown = ident_shown(c->arena, ident);

	if (!version_is_live(&read[1]))
		return namespace_missing(c, ident.ns);
	if (!version_is_live(&read[0]))
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS, "%s %s: " STR_FMT,
	    kind_title((enum kind)read[0].kind),
	    read[0].kind == (int)kind ? "already exists"
				      : "with same name already exists",
	    STR_ARG(shown));
}

struct id
relation_object(struct str uuid)
{
	struct id id;

	return id_parse(uuid, &id) ? id : id_v4();
}

static struct version
put_of(const struct relation *relation)
{
	return (struct version){ .key = ident_key(relation->ident),
		.kind = (int)relation->kind,
		.object = relation->object,
		.location = relation->metadata_location,
		.body = STR("") };
}

static void
draft_entry(
    struct draft *d, const struct branch *b, const struct relation_step *step)
{
	struct ident ident = step->relation->ident;
	struct version put = put_of(step->relation);

	draft_expect(d, expect_unchanged(b, ident_key(ident), &step->read[0]));
	if (version_is_live(&step->read[0]))
		put.body = step->read[0].body;
	else
		draft_expect(
		    d, expect_live(b, path_key(ident.ns), &step->read[1]));
	if (!step->untouched)
		(void)draft_put(d, &put);
}

/* ---- locations */
static bool
replaces(const struct relation_step *step)
{
	return version_is_live(&step->read[0]) &&
	       !id_eq(step->read[0].object, step->relation->object);
}

/* A location that somebody gave and that is taken is the commit's fault, or
 * that of who wanted to make a table. */
static enum err
taken_error(const struct relation_step *step)
{
	return version_is_live(&step->read[0]) && step->metadata != NULL
		   ? ERR_BAD_REQUEST
		   : ERR_ALREADY_EXISTS;
}

static bool
has_location(const struct relation_step *step)
{
	return !step->untouched && step->relation->kind == KIND_TABLE &&
	       step->relation->location.ptr != NULL;
}

struct wishes {
	struct location_wish *at;
	size_t count, room;
};

static void
wish(struct arena *a, struct wishes *io, const struct relation_step *step,
    struct str location)
{
	const struct relation *r = step->relation;

	LIST_RESERVE(a, io->at, io->count, io->room, 1);
	io->at[io->count++] = (struct location_wish){ .location = location,
		.ident = r->ident,
		.object = r->object,
		.is_fresh = r->is_fresh,
		.is_chosen = r->is_chosen && str_eq(location, r->location),
		.taken = taken_error(step),
		.replaced = replaces(step) ? step->read[0].object
					   : (struct id){ { 0 } } };
}

/* The places that the table is to own and does not yet; of a table that is
 * replaced also the paths that the new one lies in (location_claims_move()). */
static void
add_wishes(struct call *c, const struct relation_step *step, struct wishes *io)
{
	struct str path = object_path(step->relation->location), own;
	bool there = version_is_live(&step->read[0]), is_own = false;

	own = there ? step->read[0].body : STR("");
	while (own.len != 0) {
		struct str one = str_cut(&own, '\n');

		if (str_eq(one, path))
			is_own = true;
		else if (replaces(step) &&
			 location_claims_cover(one, step->relation->location))
			wish(c->arena, io, step,
			    object_location_at(c->arena, one));
	}
	if (!is_own || replaces(step))
		wish(c->arena, io, step, step->relation->location);
}

static enum err
claim_locations(struct call *c, const struct branch *b,
    const struct relation_step *steps, size_t count, struct location_holds *ret)
{
	struct wishes wishes = { 0 };

	for (size_t i = 0; i < count; i++)
		if (has_location(&steps[i]))
			add_wishes(c, &steps[i], &wishes);
	return location_owners_claim(c, b, wishes.at, wishes.count, ret);
}

/* The claim of a table that is new, or moves, on the branch. */
static enum err
draft_location_claim(struct call *c, const struct branch *b, struct draft *d,
    const struct relation_step *step, size_t entry)
{
	const struct version *read = &step->read[0];
	const struct relation *relation = step->relation;
	struct str own;
	const struct location_move move = {
		.location = relation->location,
		.ident = relation->ident,
		.object = relation->object,
		.own = version_is_live(read) ? read->body : STR(""),
		.replaces = replaces(step),
		.taken = taken_error(step),
	};

	TRY(location_claims_move(c, b, d, &move, &own));
	d->puts[entry].body = own;
	return OK;
}

/* The metadata files that the table asks to have deleted, as far as they are
 * its own: the log of a table that was registered may name anything, and of
 * other files no sweep knows who needs them. */
static void
draft_garbage(struct draft *d, const struct branch *b,
    const struct relation_step *step, struct str own)
{
	for (size_t i = 0; i < step->dropped.count; i++)
		if (metadata_file_is_named_so(step->dropped.at[i]) &&
		    location_claims_cover(own, step->dropped.at[i]))
			garbage_note(
			    d, b, step->relation->object, step->dropped.at[i]);
}

/* A file that was there before, of a table that may have been dropped. */
static void
rescue(struct draft *d, const struct branch *b, const struct relation *relation)
{
	garbage_rescue(d, relation->metadata_location);
	purge_withdraw(d, b->catalog.id, relation->object);
}

/* A sweep would delete a file in another table's place unseen, once it has
 * looked for what is there (tasks/purge_places.h). */
static enum err
check_file(struct call *c, const struct relation_step *step, struct str own)
{
	struct str file = step->relation->metadata_location;

	if (step->relation->kind == KIND_TABLE &&
	    location_claims_cover(own, file))
		return OK;
	return location_rows_check_doomed(
	    c, object_path(file), taken_error(step));
}

/* The entries come first: a commit is known by them. */
static enum err
draft_steps(struct call *c, const struct branch *b, struct draft *d,
    const struct relation_step *steps, size_t count)
{
	size_t entry = 0;

	for (size_t i = 0; i < count; i++)
		draft_entry(d, b, &steps[i]);
	for (size_t i = 0; i < count; i++) {
		if (steps[i].untouched)
			continue;
		if (has_location(&steps[i]))
			TRY(draft_location_claim(c, b, d, &steps[i], entry));
		TRY(check_file(c, &steps[i], d->puts[entry].body));
		draft_garbage(d, b, &steps[i], d->puts[entry].body);
		if (steps[i].metadata == NULL)
			rescue(d, b, steps[i].relation);
		entry++;
	}
	return OK;
}

static enum err
point(struct call *c, const struct branch *b, struct str message,
    const struct relation_step *steps, size_t count,
    const struct location_holds *holds, enum verdict *ret)
{
	struct draft draft = draft_in(c->arena);

	TRY(draft_steps(c, b, &draft, steps, count));
	location_owners_confirm(b, &draft, holds);

	struct unit unit = draft_unit(&draft, message);

	TRY(branch_apply(c, b, &unit, ret));
	for (size_t i = 0; i < count; i++)
		if (!steps[i].untouched)
			steps[i].relation->at =
			    (struct point){ b->id, unit.seq };
	return OK;
}

/* A place that the catalog has no more may be another tenant's by now: what is
 * there can be read and dropped, not written. */
static enum err
write_file(
    struct call *c, const struct branch *b, const struct relation_step *step)
{
	struct relation *relation = step->relation;
	struct str base = { 0 };

	TRY(location_guard(c, b, kind_title(relation->kind),
	    metadata_location(step->metadata)));
	FAULT_POINT("before_file");
	if (version_is_live(&step->read[0]))
		base = step->read[0].location;
	else if (relation->kind == KIND_TABLE)
		TRY(object_prepare_table(c, relation->location));
	relation->metadata = metadata_text(step->metadata);

	enum err err = table_file_write(c, step->metadata, base,
	    relation->metadata, &relation->metadata_location);
	FAULT_POINT("file_written");
	return err;
}

static void
discard_files(struct call *c, const struct relation_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (steps[i].metadata != NULL)
			table_file_discard(
			    c, steps[i].relation->metadata_location);
}

/* The next commit, and loads, find them in the cache. */
static void
keep_files(
    const struct call *c, const struct relation_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (steps[i].metadata != NULL)
			table_file_keep(c, steps[i].relation->metadata_location,
			    steps[i].relation->metadata);
}

static enum err
write_and_point(struct call *c, const struct branch *b, struct str message,
    const struct relation_step *steps, size_t count,
    const struct location_holds *holds, enum verdict *ret)
{
	enum err err = OK;
	size_t written = 0;

	for (; written < count && err == OK; written++)
		if (steps[written].metadata != NULL)
			err = write_file(c, b, &steps[written]);
	if (err != OK) {
		discard_files(c, steps, written - 1);
		return err;
	}
	err = point(c, b, message, steps, count, holds, ret);
	if (err == ERR_COMMIT_UNKNOWN)
		return err;
	if (err != OK || *ret == VERDICT_CONFLICT)
		discard_files(c, steps, count);
	else
		keep_files(c, steps, count);
	return err;
}

/* No file is written into a place that another table has. */
enum err
relations_commit(struct call *c, const struct branch *b, struct str message,
    const struct relation_step *steps, size_t count, enum verdict *ret)
{
	struct location_holds holds;
	enum err err;

	TRY(claim_locations(c, b, steps, count, &holds));
	FAULT_POINT("location_claimed");
	err = write_and_point(c, b, message, steps, count, &holds, ret);
	if (err != ERR_COMMIT_UNKNOWN &&
	    (err != OK || *ret == VERDICT_CONFLICT))
		location_owners_release(c, &holds);
	return err;
}

enum err
relation_put(struct call *c, const struct branch *b, const char *verb,
    const struct version read[2], const struct metadata *m,
    struct relation *relation, enum verdict *ret)
{
	struct relation_step step = {
		.read = read, .metadata = m, .relation = relation
	};
	struct str message =
	    relation_message(c, verb, relation->kind, relation->ident);

	if (m == NULL)
		TRY(purge_check_none(c, b->catalog.id, relation->object));
	return relations_commit(c, b, message, &step, 1, ret);
}
