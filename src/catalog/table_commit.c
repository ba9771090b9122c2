/*
 * table_commit.c - commits to tables: read, check, apply, write, move the
 * pointers.
 *
 * The compare-and-swap is the expectations of the unit that relations_commit()
 * hands to the store.  A try that lost its race starts again on the present
 * state, as long as the requirements hold and they are still the same tables.
 * Commits of one node take a ticket lock per table, so the race is with other
 * nodes, and with writes that are no commit.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "catalog/chosen_places.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "catalog/tables.h"
#include "iceberg/member.h"
#include "iceberg/requirements.h"
#include "iceberg/updates.h"
#include "record/retry.h"

/* A commit of more tables than this takes no ticket locks: they only save
 * work. */
#define TICKETS_AT_ONCE 16

/* One table of a commit. */
struct part {
	const struct table_change *change;
	bool create;
	struct version read[2]; /* the entry, its namespace */
	struct id first_object; /* of the first try; nil: this is it */
	struct metadata metadata;
	bool changed;
	struct file_names dropped;
	struct relation *relation;
};

/* ---- a table that is there */
static enum err
read_base(struct call *c, struct part *p, struct str *ret_text)
{
	const struct version *entry = &p->read[0];

	if (!version_is_live(entry) || entry->kind != KIND_TABLE)
		return relation_missing(c, KIND_TABLE, p->change->ident);
	if (!id_is_nil(p->first_object) &&
	    !id_eq(p->first_object, entry->object))
		return fail(c->error, ERR_COMMIT_FAILED,
		    "Table was replaced by another one: " STR_FMT,
		    STR_ARG(p->change->ident.name));
	p->first_object = entry->object;
	TRY(table_file_base(c, entry->location, ret_text));
	return table_file_damaged(
	    c, table_file_parse(c, *ret_text, &p->metadata), entry->location);
}

static enum err
prepare_update(struct call *c, const struct branch *b, struct part *p)
{
	struct str text, base_file = p->read[0].location;
	struct metadata *m = &p->metadata;
	struct update_result result;

	TRY(read_base(c, p, &text));
	m->deadline_us = c->deadline_us;
	TRY(requirements_check(c->arena, p->change->requirements, m, c->error));

	struct table_places before = table_places_of(m);
	char uuid[ID_TEXT];

	id_format(id_v4(), uuid);

	struct update_context context = { .now_ms = clock_now_us() / CLOCK_MS,
		.base_file = base_file,
		.uuid = arena_copy(c->arena, str_from(uuid)) };

	TRY(updates_apply(m, p->change->updates, &context, &result, c->error));
	*p->relation = (struct relation){ .kind = KIND_TABLE,
		.ident = p->change->ident,
		.object = p->read[0].object,
		.metadata_location = base_file,
		.metadata = text };
	p->changed = result.changed;
	p->dropped = result.dropped;
	if (!str_eq(metadata_location(m), before.at[0]))
		p->relation->location = metadata_location(m);
	return p->changed ? table_places_guard(c, b, &before, m) : OK;
}

/* ---- with assert-create: the second half of a staged creation */
/* The updates name the place that the stage has answered, or none. */
static enum err
say_who_chose(struct call *c, const struct branch *b,
    const struct table_seed *seed, struct relation *io)
{
	if (b->plain_locations)
		return OK;
	io->is_fresh = str_eq(io->location, seed->location);
	return chosen_place_is(
	    c, b->catalog.id, io->object, io->location, &io->is_chosen);
}

static enum err
prepare_create(struct call *c, const struct branch *b, struct part *p)
{
	struct ident ident = p->change->ident;
	struct table_seed seed;

	TRY(key_fits(b->limits, ident_key(ident), c->error));
	if (version_is_live(&p->read[0]) && p->read[0].kind == KIND_TABLE)
		return fail(c->error, ERR_COMMIT_FAILED,
		    "Requirement failed: table already exists");
	TRY(relation_place_check(c, KIND_TABLE, ident, p->read));
	TRY(relation_seed(c, b, ident, &p->read[1], &seed));
	TRY(create_from_updates(
	    c->arena, p->change->updates, &seed, &p->metadata, c->error));
	TRY(table_places_guard(c, b, NULL, &p->metadata));
	*p->relation = (struct relation){ .kind = KIND_TABLE,
		.ident = ident,
		.object = relation_object(metadata_uuid(&p->metadata)),
		.location = metadata_location(&p->metadata) };
	p->changed = true;
	return say_who_chose(c, b, &seed, p->relation);
}

static enum err
prepare(struct call *c, const struct branch *b, struct part *p)
{
	enum err err =
	    p->create ? prepare_create(c, b, p) : prepare_update(c, b, p);

	if (p->change->where == NULL)
		return err;
	return member_within(err, p->change->where, c->error);
}

/* ---- all of them */
struct commit {
	struct part *parts;
	size_t count;
	struct ticket *tickets[TICKETS_AT_ONCE];
	size_t ticket_count;
};

static enum err
read_all(struct call *c, const struct branch *b, struct commit *commit)
{
	size_t count = 2 * commit->count;
	struct key *keys = ARENA_NEW(c->arena, struct key, count);
	struct version *read = ARENA_NEW(c->arena, struct version, count);

	for (size_t i = 0; i < commit->count; i++) {
		struct ident ident = commit->parts[i].change->ident;

		keys[2 * i] = ident_key(ident);
		keys[2 * i + 1] = path_key(ident.ns);
	}
	TRY(branch_read(c, b, keys, count, read));
	for (size_t i = 0; i < commit->count; i++) {
		commit->parts[i].read[0] = read[2 * i];
		commit->parts[i].read[1] = read[2 * i + 1];
	}
	return OK;
}

static struct str
message_of(struct call *c, const struct commit *commit)
{
	const struct part *first = &commit->parts[0];

	if (commit->count > 1)
		return arena_printf(
		    c->arena, "change %zu tables", commit->count);
	return relation_message(c, first->create ? "create" : "change",
	    KIND_TABLE, first->change->ident);
}

static enum err
try_once(struct call *c, const struct branch *b, struct commit *commit,
    enum verdict *ret)
{
	struct relation_step *steps =
	    ARENA_NEW(c->arena, struct relation_step, commit->count);
	bool any = false;

	TRY(read_all(c, b, commit));
	for (size_t i = 0; i < commit->count; i++) {
		struct part *p = &commit->parts[i];

		TRY(prepare(c, b, p));
		steps[i] = (struct relation_step){ .read = p->read,
			.metadata = p->changed ? &p->metadata : NULL,
			.relation = p->relation,
			.untouched = !p->changed,
			.dropped = p->dropped };
		any |= p->changed;
	}
	*ret = VERDICT_APPLIED;
	if (!any)
		return OK;
	return relations_commit(
	    c, b, message_of(c, commit), steps, commit->count, ret);
}

static enum err
try_often(struct call *c, const struct branch *b, struct commit *commit)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_once(c, b, commit, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK
					  : relation_races_lost(c, KIND_TABLE,
						commit->parts[0].change->ident);
}

static int
by_ident(const void *a, const void *b)
{
	const struct ident *x = &((const struct part *)a)->change->ident;
	const struct ident *y = &((const struct part *)b)->change->ident;
	int order = str_cmp(x->ns, y->ns);

	return order != 0 ? order : str_cmp(x->name, y->name);
}

/* In one order, so that no two wait for each other. */
static enum err
make_parts(struct call *c, const struct table_change *changes, size_t count,
    struct relation *ret, struct commit *commit)
{
	*commit = (struct commit){ ARENA_NEW(c->arena, struct part, count),
		count, { 0 }, 0 };
	for (size_t i = 0; i < count; i++) {
		struct part *p = &commit->parts[i];

		p->change = &changes[i];
		p->relation = &ret[i];
		TRY(requirements_has_create(
		    changes[i].requirements, &p->create, c->error));
	}
	qsort(commit->parts, count, sizeof(*commit->parts), by_ident);
	for (size_t i = 1; i < count; i++) {
		struct ident ident = commit->parts[i].change->ident;
		struct str shown = ident_shown(c->arena, ident);

		if (by_ident(&commit->parts[i - 1], &commit->parts[i]) == 0)
			return fail(c->error, ERR_BAD_REQUEST,
			    "Table is changed twice: " STR_FMT, STR_ARG(shown));
	}
	return OK;
}

static enum err
take_tickets(struct call *c, const struct branch *b, struct commit *commit)
{
	for (size_t i = 0;
	     commit->count <= TICKETS_AT_ONCE && i < commit->count; i++) {
		const struct key key =
		    ident_key(commit->parts[i].change->ident);

		TRY(committer_take_ticket(b->writer.committer, c, b->id, &key,
		    &commit->tickets[commit->ticket_count]));
		commit->ticket_count++;
	}
	return OK;
}

enum err
tables_commit(struct call *c, const struct branch *b,
    const struct table_change *changes, size_t count, struct relation *ret)
{
	struct commit commit;

	TRY(make_parts(c, changes, count, ret, &commit));

	enum err err = take_tickets(c, b, &commit);

	if (err == OK)
		err = try_often(c, b, &commit);
	while (commit.ticket_count > 0)
		committer_drop_ticket(
		    b->writer.committer, commit.tickets[--commit.ticket_count]);
	return err;
}
