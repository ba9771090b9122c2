#include "catalog/branch.h"

#include "base/fault.h"
#include "cache/read_cache.h"
#include "cache/row_code.h"
#include "cache/version_cache.h"
#include "calls/store_call.h"
#include "catalog/idempotency_keys.h"
#include "record/audit_notes.h"
#include "record/control.h"
#include "record/value.h"

void
branch_prefix_cut(
    struct str prefix, struct str *ret_catalog, struct str *ret_ref)
{
	*ret_ref = prefix;
	*ret_catalog = str_cut(ret_ref, '@');
}

/* The catalog's own branch: nothing stands behind it. */
static void
show_main(struct call *c, struct branch *io)
{
	struct point *head = ARENA_NEW(c->arena, struct point, 1);

	*head = (struct point){ io->catalog.main_branch, SEQ_HEAD };
	io->id = head->branch;
	io->chain = (struct chain){ head, 1 };
}

enum err
branch_switch(struct call *c, struct branch *io, struct str ref)
{
	struct branch to = *io;
	struct ref_spec spec;
	struct position p;

	TRY(ref_spec_parse(ref, &spec, c->error));
	TRY(ref_resolve(c, &io->catalog, &spec, &p));
	TRY(chain_of_position(c, &io->catalog, &p, &to.chain));
	to.id = p.point.branch;
	to.is_history = !p.writable;
	to.is_protected = p.ref.is_protected;
	to.ref = ref;
	*io = to;
	return OK;
}

enum err
branch_open(
    struct call *c, struct id tenant, struct str prefix, struct branch *ret)
{
	struct branch b = { 0 };
	struct str name, at;
	struct ref main;

	branch_prefix_cut(prefix, &name, &at);
	TRY(catalogs_get(c, tenant, name, &b.catalog));
	if (at.ptr != NULL) {
		TRY(branch_switch(c, &b, at));
	} else {
		TRY(ref_get_by_id(c, &b.catalog, b.catalog.main_branch, &main));
		show_main(c, &b);
		b.is_protected = main.is_protected;
	}
	*ret = b;
	return OK;
}

/* ---- resolved addresses, cached until the tenant's control log moves */
enum address_field {
	ADDRESS_TENANT, /* two tenants may share a control log */
	ADDRESS_CATALOG,
	ADDRESS_CATALOG_NAME,
	ADDRESS_TYPE,
	ADDRESS_WAREHOUSE,
	ADDRESS_LOCATION,
	ADDRESS_MAIN,
	ADDRESS_SHARED,
	ADDRESS_PURGED_US,
	ADDRESS_BRANCH,
	ADDRESS_HISTORY,
	ADDRESS_PROTECTED,
	ADDRESS_REF,
	ADDRESS_LINKS, /* the points of the chain, as they are in memory */
	ADDRESS_FIELDS
};

static struct str
address_pack(struct arena *a, const struct branch *b)
{
	const struct value row[ADDRESS_FIELDS] = {
		[ADDRESS_TENANT] = value_id(b->catalog.tenant),
		[ADDRESS_CATALOG] = value_id(b->catalog.id),
		[ADDRESS_CATALOG_NAME] = value_text(b->catalog.name),
		[ADDRESS_TYPE] = value_int(b->catalog.type),
		[ADDRESS_WAREHOUSE] = value_text(b->catalog.warehouse),
		[ADDRESS_LOCATION] = value_text(b->catalog.storage_location),
		[ADDRESS_MAIN] = value_int(b->catalog.main_branch),
		[ADDRESS_SHARED] = value_int(b->catalog.is_shared),
		[ADDRESS_PURGED_US] = value_int(b->catalog.purged_us),
		[ADDRESS_BRANCH] = value_int(b->id),
		[ADDRESS_HISTORY] = value_int(b->is_history),
		[ADDRESS_PROTECTED] = value_int(b->is_protected),
		[ADDRESS_REF] = value_text(b->ref),
		[ADDRESS_LINKS] =
		    value_bytes((struct str){ (const char *)b->chain.link,
			b->chain.count * sizeof(struct point) }),
	};

	return row_pack(a, row, ADDRESS_FIELDS);
}

static bool
address_unpack(
    struct call *c, struct str bytes, struct id tenant, struct branch *ret)
{
	struct value row[ADDRESS_FIELDS] = { 0 };

	if (bytes.ptr == NULL || !row_unpack(bytes, row, ADDRESS_FIELDS) ||
	    !id_eq(row[ADDRESS_TENANT].as.id, tenant))
		return false;

	struct str links = row[ADDRESS_LINKS].as.s;
	size_t count = links.len / sizeof(struct point);
	struct point *link = ARENA_NEW(c->arena, struct point, count);

	memcpy(link, links.ptr, count * sizeof(*link));
	*ret = (struct branch){
		.catalog = { .id = row[ADDRESS_CATALOG].as.id,
		    .tenant = tenant,
		    .name = row[ADDRESS_CATALOG_NAME].as.s,
		    .type = (enum catalog_type)row[ADDRESS_TYPE].as.i,
		    .warehouse = value_str_or_absent(row[ADDRESS_WAREHOUSE]),
		    .storage_location =
			value_str_or_absent(row[ADDRESS_LOCATION]),
		    .main_branch = row[ADDRESS_MAIN].as.i,
		    .is_shared = row[ADDRESS_SHARED].as.i != 0,
		    .purged_us = row[ADDRESS_PURGED_US].as.i },
		.id = row[ADDRESS_BRANCH].as.i,
		.chain = { link, count },
		.is_history = row[ADDRESS_HISTORY].as.i != 0,
		.is_protected = row[ADDRESS_PROTECTED].as.i != 0,
		.ref = row[ADDRESS_REF].as.s,
	};
	return true;
}

/* The state of an instant may still change by commits: it is looked up. */
static bool
is_instant(struct str ref)
{
	struct ref_spec spec;
	struct error ignored;

	return ref_spec_parse(ref, &spec, &ignored) == OK &&
	       spec.at == SPEC_INSTANT;
}

static enum err
open_address(
    struct call *c, struct id tenant, struct str prefix, struct branch *ret)
{
	struct cached_text cached = { 0 };
	struct branch b = { 0 };
	struct str name, ref;

	read_cache_find_text(
	    c, control_log(tenant), "address", prefix, &cached);
	if (address_unpack(c, cached.read.value, tenant, ret))
		return OK;
	branch_prefix_cut(prefix, &name, &ref);
	TRY(catalogs_get_to_read(c, tenant, name, &b.catalog));
	TRY(branch_switch(c, &b, ref));
	if (!is_instant(ref))
		read_cache_put_text(c, &cached, address_pack(c->arena, &b));
	*ret = b;
	return OK;
}

enum err
branch_open_to_read(
    struct call *c, struct id tenant, struct str prefix, struct branch *ret)
{
	struct branch b = { 0 };
	struct str name, ref;

	branch_prefix_cut(prefix, &name, &ref);
	if (ref.ptr != NULL)
		return open_address(c, tenant, prefix, ret);
	TRY(catalogs_get_to_read(c, tenant, name, &b.catalog));
	show_main(c, &b);
	*ret = b;
	return OK;
}

static enum err
is_protected(struct call *c, const struct branch *b)
{
	return fail(c->error, ERR_FORBIDDEN,
	    "Branch '" STR_FMT "' of catalog '" STR_FMT
	    "' is protected: it changes by merges only",
	    STR_ARG(b->ref.len != 0 ? b->ref : STR("main")),
	    STR_ARG(b->catalog.name));
}

enum err
branch_may_write(struct call *c, const struct branch *b)
{
	if (b->is_history)
		return fail(c->error, ERR_BAD_REQUEST,
		    "'" STR_FMT "' is a historic view of catalog '" STR_FMT
		    "': nothing can be changed in it",
		    STR_ARG(b->ref), STR_ARG(b->catalog.name));
	if (b->is_protected && !b->writer.merges)
		return is_protected(c, b);
	return OK;
}

enum err
branch_read(struct call *c, const struct branch *b, const struct key *keys,
    size_t count, struct version *ret)
{
	if (b->is_history)
		return version_cache_read_past(
		    c, b->chain, b->catalog.purged_us, keys, count, ret);
	return version_cache_read(c, b->id, b->chain, keys, count, ret);
}

/* Where the branch itself last wrote the key; 0: what shows is inherited. */
static int64_t
own_position(const struct branch *b, const struct version *read)
{
	return read->kind != 0 && read->at.branch == b->id ? read->at.seq : 0;
}

struct expect
expect_unchanged(
    const struct branch *b, struct key key, const struct version *read)
{
	return (struct expect){ EXPECT_SEQ, key, own_position(b, read) };
}

struct expect
expect_live(const struct branch *b, struct key key, const struct version *read)
{
	return (struct expect){ EXPECT_LIVE, key, own_position(b, read) };
}

/* Did the commit at the unit's position put what the unit puts?  Only the name
 * of a file tells: no two units write the same. */
static bool
is_in(const struct versions *commit, const struct unit *unit)
{
	struct str file = unit->puts[0].location;

	for (size_t i = 0; i < commit->count; i++)
		if (file.len != 0 && str_eq(commit->at[i].location, file))
			return true;
	return false;
}

/*
 * The id of the request's key is in the log: by this unit, whose answer was
 * lost, or by a request before this one.  While that is not known the unit's
 * files must stay.
 */
static enum err
judge_again(struct call *c, struct idempotency_key *key, int64_t branch,
    const struct unit *unit)
{
	const struct point above = { branch, unit->seq - 1 };
	struct versions commit;

	TRY(idempotency_check(key, unit->first_hash, c->error));
	if (store_changes(c, above, unit->seq, 1, &commit) != OK)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store does not tell what was committed with this "
		    "Idempotency-Key: send the request again");
	if (!is_in(&commit, unit))
		return fail(
		    c->error, ERR_ANSWERED, "This request was answered before");
	return OK;
}

static enum err
gone(struct call *c, const struct branch *b)
{
	if (b->id == b->catalog.main_branch || b->ref.len == 0)
		return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
		    "Catalog does not exist: " STR_FMT,
		    STR_ARG(b->catalog.name));
	return fail(c->error, ERR_NO_SUCH_REF,
	    "Branch '" STR_FMT "' of catalog '" STR_FMT
	    "' has just been deleted",
	    STR_ARG(b->ref), STR_ARG(b->catalog.name));
}

enum err
branch_apply(struct call *c, const struct branch *b, struct unit *unit,
    enum verdict *ret)
{
	TRY(branch_may_write(c, b));
	if (b->writer.idempotency != NULL)
		unit->id = b->writer.idempotency->id;
	else if (id_is_nil(unit->id))
		unit->id = id_v7();
	if (b->writer.idempotency != NULL)
		unit->request_hash = idempotency_hash(b->writer.idempotency);
	unit->author = b->writer.author;
	unit->is_merge = b->writer.merges;
	if (b->writer.message.ptr != NULL)
		unit->message = b->writer.message;
	FAULT_POINT("before_unit");
	TRY(committer_apply(b->writer.committer, c, b->id, unit));
	FAULT_POINT("unit_answered");
	if (unit->verdict == VERDICT_GONE)
		return gone(c, b);
	if (unit->verdict == VERDICT_PROTECTED) /* since it was looked at */
		return is_protected(c, b);
	if (unit->verdict == VERDICT_INVALID)
		return fail(
		    c->error, ERR_BAD_REQUEST, "The store refuses this data");
	*ret = unit->verdict == VERDICT_CONFLICT ? VERDICT_CONFLICT
						 : VERDICT_APPLIED;
	if (*ret == VERDICT_APPLIED)
		audit_note_commit(c, b->id, unit->id);
	if (b->writer.idempotency == NULL || *ret == VERDICT_CONFLICT)
		return OK;
	if (unit->verdict == VERDICT_ALREADY)
		TRY(judge_again(c, b->writer.idempotency, b->id, unit));
	b->writer.idempotency->committed = true;
	return OK;
}
