#include "catalog/location_claims.h"

#include <sodium.h>

#include "base/buf.h"
#include "base/list.h"
#include "catalog/chain_list.h"
#include "object/object.h"

#define DEPTH_MAX 64  /* directories of a path */
#define SWEPT_MAX 256 /* empty ones that are cleared for a new claim */
#define PAGE 1000
#define HASH_BYTES 16

struct claim {
	struct call *call;
	const struct branch *branch;
	struct draft *draft;
	struct str path, own;
	const struct location_move *move;
};

/* ---- the table that has a claim */

struct str
location_owner_text(struct arena *a, struct ident ident)
{
	return path_join(a, ident.ns, ident.name);
}

bool
location_owner_ident(struct str text, struct ident *ret)
{
	const char *last =
	    text.len != 0 ? memrchr(text.ptr, LEVEL_SEPARATOR, text.len) : NULL;

	if (last == NULL)
		return false;

	size_t ns = (size_t)(last - text.ptr);

	*ret =
	    (struct ident){ { text.ptr, ns }, { last + 1, text.len - ns - 1 } };
	return true;
}

/* False: the table has been renamed since, or the claim is a view's, which once
 * claimed too. */
static bool
find_owner(struct claim *c, const struct version *holder, struct ident *ret)
{
	struct version table;
	struct key key;

	if (!location_owner_ident(holder->body, ret))
		return false;
	key = ident_key(*ret);
	return branch_read(c->call, c->branch, &key, 1, &table) == OK &&
	       version_is_live(&table) && id_eq(table.object, holder->object);
}

/* `holder`: the claim that is in the way; NULL when that is not known. */
static enum err
taken(struct claim *c, const struct version *holder)
{
	struct arena *a = c->call->arena;
	struct str whose = STR("another table");
	struct ident owner;

	if (holder != NULL && !c->branch->hides_owners &&
	    find_owner(c, holder, &owner))
		whose = arena_printf(
		    a, "table " STR_FMT, STR_ARG(ident_shown(a, owner)));
	return fail(c->call->error, c->move->taken,
	    "Location is in, at or around that of " STR_FMT
	    ", whose files it would share: choose another location, or "
	    "none: " STR_FMT,
	    STR_ARG(whose), STR_ARG(c->move->location));
}

/* ---- keys: no namespace begins with its separator */
static void
add_hash(struct buf *b, struct str path)
{
	unsigned char hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];

	(void)crypto_generichash(hash, sizeof(hash),
	    (const unsigned char *)path.ptr, path.len, NULL, 0);
	(void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	buf_add(b, str_from(hex));
}

/* The namespace of the keys of all directories inside a directory. */
static struct str
inside(struct arena *a, struct str path)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, LEVEL_SEPARATOR);
	add_hash(&b, path);
	return buf_str(&b);
}

struct str
location_parent(struct str path)
{
	while (path.len != 0 && path.ptr[--path.len] != '/')
		;
	if (path.len == 1) /* before the name of a bucket, "//bucket" */
		path.len = 0;
	return path;
}

struct key
location_claim_key(struct arena *a, struct str path)
{
	struct buf name = buf_in(a);

	add_hash(&name, path);
	return (struct key){ SPACE_RELATION, inside(a, location_parent(path)),
		buf_str(&name) };
}

static void
put(struct draft *d, struct key key, enum kind kind, struct str path,
    bool deleted)
{
	(void)draft_put(d, &(struct version){ .key = key,
			       .kind = (int)kind,
			       .deleted = deleted,
			       .location = path,
			       .body = STR("") });
}

static void
put_claim(struct claim *c, struct key key)
{
	const struct location_move *move = c->move;

	(void)draft_put(c->draft,
	    &(struct version){ .key = key,
		.kind = KIND_LOCATION_CLAIM,
		.object = move->object,
		.location = c->path,
		.body = move->ident.name.ptr != NULL
			    ? location_owner_text(c->call->arena, move->ident)
			    : STR("") });
}

/* ---- paths */
static bool
is_at_or_below(struct str path, struct str other)
{
	return str_starts_with(path, other) &&
	       (path.len == other.len || path.ptr[other.len] == '/');
}

static bool
is_own(struct str own, struct str path)
{
	while (own.len != 0)
		if (str_eq(str_cut(&own, '\n'), path))
			return true;
	return false;
}

/* Looks at the claims of the same unit for others: a transaction may make as
 * many tables as its body names. */
static bool
meets_draft(const struct claim *c)
{
	if (str_map_find(&c->draft->around, c->path) != NULL)
		return true;
	for (struct str at = c->path; at.len != 0; at = location_parent(at))
		if (str_map_find(&c->draft->claims, at) != NULL)
			return true;
	return false;
}

/* ---- a claim */
static enum err
pass(struct claim *c, struct key key, struct str path,
    const struct version *read)
{
	void **passed = str_map_slot(&c->draft->around, path);

	if (version_is_live(read) && read->kind == KIND_LOCATION_CLAIM &&
	    !is_own(c->own, path))
		return taken(c, read);
	if (*passed != NULL) /* by another claim of this unit */
		return OK;
	*passed = c->draft;
	draft_expect(c->draft, expect_unchanged(c->branch, key, read));
	if (!version_is_live(read))
		put(c->draft, key, KIND_DIRECTORY, path, false);
	return OK;
}

struct sweep {
	struct str path[SWEPT_MAX];
	size_t count, done;
};

/* A directory that was above claims: only directories without claims may be in
 * it. */
static enum err
sweep_one(struct claim *c, struct sweep *s, struct str path)
{
	struct arena *a = c->call->arena;
	struct key after = { SPACE_RELATION, inside(a, path), STR("") };
	struct versions found = { .more = true };

	draft_expect(c->draft, (struct expect){ EXPECT_EMPTY, after, 0 });
	while (found.more) {
		TRY(chain_list(c->call, c->branch->chain, after, PAGE, &found));
		for (size_t i = 0; i < found.count; i++) {
			const struct version *v = &found.at[i];

			after.name = v->key.name;
			if (!version_is_live(v))
				continue;
			if (v->kind == KIND_LOCATION_CLAIM ||
			    s->count == SWEPT_MAX)
				return taken(c, v);
			draft_expect(
			    c->draft, expect_unchanged(c->branch, v->key, v));
			put(c->draft, v->key, KIND_DIRECTORY, v->location,
			    true);
			s->path[s->count++] = v->location;
		}
	}
	return OK;
}

static enum err
sweep(struct claim *c)
{
	struct sweep *s = ARENA_NEW(c->call->arena, struct sweep, 1);

	TRY(sweep_one(c, s, c->path));
	while (s->done < s->count)
		TRY(sweep_one(c, s, s->path[s->done++]));
	return OK;
}

static enum err
claim(struct claim *c)
{
	struct key key[DEPTH_MAX];
	struct version read[DEPTH_MAX];
	struct str at = c->path;
	size_t depth = 0;

	if (at.len == 0)
		return fail(c->call->error, ERR_BAD_REQUEST,
		    "Location is the root of all: " STR_FMT,
		    STR_ARG(c->move->location));
	if (meets_draft(c))
		return taken(c, NULL);
	for (; at.len != 0; at = location_parent(at)) {
		if (depth == DEPTH_MAX)
			return fail(c->call->error, ERR_BAD_REQUEST,
			    "Location has more than %d levels", DEPTH_MAX);
		key[depth++] = location_claim_key(c->call->arena, at);
	}
	TRY(branch_read(c->call, c->branch, key, depth, read));
	if (version_is_live(&read[0]) && read[0].kind == KIND_LOCATION_CLAIM)
		return taken(c, &read[0]);
	draft_expect(c->draft, expect_unchanged(c->branch, key[0], &read[0]));
	put_claim(c, key[0]);
	*str_map_slot(&c->draft->claims, c->path) = c->draft;
	at = c->path;
	for (size_t i = 1; i < depth; i++) {
		at = location_parent(at);
		TRY(pass(c, key[i], at, &read[i]));
	}
	return sweep(c);
}

/* ---- moves */
bool
location_claims_cover(struct str own, struct str location)
{
	struct str path = object_path(location);
	struct error ignored;

	if (object_location_check(location, &ignored) != OK)
		return false; /* "..", perhaps */
	while (own.len != 0)
		if (is_at_or_below(path, str_cut(&own, '\n')))
			return true;
	return false;
}

struct str
location_claims_held(
    struct arena *a, const struct catalog *catalog, struct str own)
{
	struct buf held = buf_in(a);

	while (own.len != 0) {
		struct str path = str_cut(&own, '\n');

		if (path.len == 0 ||
		    !catalog_holds(catalog, object_location_at(a, path)))
			continue;
		if (held.len != 0)
			buf_add_char(&held, '\n');
		buf_add(&held, path);
	}
	return buf_str(&held);
}

void
location_claims_release(struct draft *d, struct str own)
{
	while (own.len != 0) {
		struct str path = str_cut(&own, '\n');

		put(d, location_claim_key(d->arena, path), KIND_LOCATION_CLAIM,
		    path, true);
	}
}

static struct str
with(struct arena *a, struct str own, struct str path)
{
	struct buf b = buf_in(a);

	buf_add(&b, own);
	if (own.len != 0)
		buf_add_char(&b, '\n');
	buf_add(&b, path);
	return buf_str(&b);
}

/* Releases the claims of the table before, but keeps those that the new one
 * lies in: a table that has moved into its own directory has several. */
static struct str
leave_all_but(struct draft *d, struct str own, struct str path)
{
	struct str kept = STR("");

	while (own.len != 0) {
		struct str one = str_cut(&own, '\n');

		if (is_at_or_below(path, one))
			kept = with(d->arena, kept, one);
		else
			location_claims_release(d, one);
	}
	return kept;
}

enum err
location_claims_move(struct call *call, const struct branch *b, struct draft *d,
    const struct location_move *move, struct str *ret_own)
{
	struct str path = object_path(move->location), own = move->own;
	struct claim c = { call, b, d, path, own, move };

	if (move->replaces)
		own = leave_all_but(d, own, path);
	*ret_own = own;
	if (is_own(own, path))
		return OK;
	*ret_own = with(call->arena, own, path);
	return claim(&c);
}

struct claim_keys
location_claims_keys(struct arena *a, struct str own)
{
	struct claim_keys keys = { .count = 0 };
	size_t room = 0;

	while (own.len != 0) {
		struct str at = str_cut(&own, '\n');

		for (size_t n = 0; at.len != 0 && n < DEPTH_MAX; n++) {
			LIST_RESERVE(a, keys.at, keys.count, room, 1);
			keys.at[keys.count++] = location_claim_key(a, at);
			at = location_parent(at);
		}
	}
	return keys;
}

enum err
location_claims_check(
    struct call *c, const struct branch *b, struct str location)
{
	const struct location_move move = { .location = location,
		.taken = ERR_ALREADY_EXISTS };
	struct draft unused = draft_in(c->arena);
	struct str own;

	return location_claims_move(c, b, &unused, &move, &own);
}
