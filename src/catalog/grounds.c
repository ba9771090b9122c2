#include "catalog/grounds.h"

#include <sodium.h>

#include "base/buf.h"
#include "object/object.h"
#include "plugin/store_call.h"

#define DEPTH_MAX 64  /* directories of a path */
#define SWEPT_MAX 256 /* empty ones that are cleared for a new ground */
#define PAGE 1000
#define HASH_BYTES 16

struct claim {
	struct call *call;
	const struct branch *branch;
	struct draft *draft;
	struct str path, own;
	struct str location; /* for messages */
	enum err taken;
};

static enum err
taken(struct claim *c)
{
	return fail(c->call->error, c->taken,
	    "Location is in, at or around that of another table or "
	    "view: " STR_FMT,
	    STR_ARG(c->location));
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

/* Under which the directories in a directory are. */
static struct str
inside(struct arena *a, struct str path)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, LEVEL_SEPARATOR);
	add_hash(&b, path);
	return buf_str(&b);
}

static struct str
parent_of(struct str path)
{
	while (path.len != 0 && path.ptr[--path.len] != '/')
		;
	return path;
}

static struct key
key_of(struct arena *a, struct str path)
{
	struct buf name = buf_in(a);

	add_hash(&name, path);
	return (struct key){ SPACE_RELATION, inside(a, parent_of(path)),
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

/* Grounds that the same unit claims for others. */
static bool
meets_draft(const struct claim *c)
{
	for (size_t i = 0; i < c->draft->put_count; i++) {
		const struct version *v = &c->draft->puts[i];

		if (v->kind == KIND_GROUND && !v->deleted &&
		    (is_at_or_below(v->location, c->path) ||
			is_at_or_below(c->path, v->location)))
			return true;
	}
	return false;
}

/* ---- a claim */
static enum err
pass(struct claim *c, struct key key, struct str path,
    const struct version *read)
{
	if (draft_find(c->draft, &key) != NULL)
		return OK;
	if (version_is_live(read) && read->kind == KIND_GROUND &&
	    !is_own(c->own, path))
		return taken(c);
	draft_expect(c->draft, expect_unchanged(c->branch, key, read));
	if (!version_is_live(read))
		put(c->draft, key, KIND_DIRECTORY, path, false);
	return OK;
}

struct sweep {
	struct str path[SWEPT_MAX];
	size_t count, done;
};

/* One directory that was above grounds: what is in it must be such ones. */
static enum err
sweep_one(struct claim *c, struct sweep *s, struct str path)
{
	struct arena *a = c->call->arena;
	struct key after = { SPACE_RELATION, inside(a, path), STR("") };
	struct versions found = { .more = true };

	draft_expect(c->draft, (struct expect){ EXPECT_EMPTY, after, 0 });
	while (found.more) {
		TRY(store_list(c->call, (struct chain){ &c->branch->head, 1 },
		    after, PAGE, &found));
		for (size_t i = 0; i < found.count; i++) {
			const struct version *v = &found.at[i];

			after.name = v->key.name;
			if (!version_is_live(v))
				continue;
			if (v->kind == KIND_GROUND || s->count == SWEPT_MAX)
				return taken(c);
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
		    STR_ARG(c->location));
	if (meets_draft(c))
		return taken(c);
	for (; at.len != 0; at = parent_of(at)) {
		if (depth == DEPTH_MAX)
			return fail(c->call->error, ERR_BAD_REQUEST,
			    "Location has more than %d levels", DEPTH_MAX);
		key[depth++] = key_of(c->call->arena, at);
	}
	TRY(branch_read(c->call, c->branch, key, depth, read));
	if (version_is_live(&read[0]) && read[0].kind == KIND_GROUND)
		return taken(c);
	draft_expect(c->draft, expect_unchanged(c->branch, key[0], &read[0]));
	put(c->draft, key[0], KIND_GROUND, c->path, false);
	at = c->path;
	for (size_t i = 1; i < depth; i++) {
		at = parent_of(at);
		TRY(pass(c, key[i], at, &read[i]));
	}
	return sweep(c);
}

/* ---- moves */
bool
grounds_hold(struct str own, struct str location)
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

void
grounds_leave(struct draft *d, struct str own)
{
	while (own.len != 0) {
		struct str path = str_cut(&own, '\n');

		put(d, key_of(d->arena, path), KIND_GROUND, path, true);
	}
}

/* What was another's is left, but what the new one lies in. */
static struct str
leave_all_but(struct draft *d, struct str own, struct str path)
{
	struct str kept = { 0 };

	while (own.len != 0) {
		struct str one = str_cut(&own, '\n');

		if (is_at_or_below(path, one))
			kept = one;
		else
			grounds_leave(d, one);
	}
	return kept;
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

enum err
grounds_move(struct call *call, const struct branch *b, struct draft *d,
    const struct ground_move *move, struct str *ret_own)
{
	struct str path = object_path(move->location), own = move->own;
	struct claim c = { call, b, d, path, own, move->location, move->taken };

	if (move->replaces)
		own = leave_all_but(d, own, path);
	*ret_own = own;
	if (is_own(own, path))
		return OK;
	*ret_own = with(call->arena, own, path);
	return claim(&c);
}

enum err
grounds_check(struct call *c, const struct branch *b, struct str location)
{
	const struct ground_move move = { .location = location,
		.taken = ERR_ALREADY_EXISTS };
	struct draft unused = draft_in(c->arena);
	struct str own;

	return grounds_move(c, b, &unused, &move, &own);
}
