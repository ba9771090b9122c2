#include "versions/partial.h"

#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "catalog/location_claims.h"

#define READ_KEYS 500 /* in one call of the store */

/* Keys, each once: those of the assets first. */
struct image {
	struct call *call;
	struct str_map known;
	struct key *at;
	size_t count, room;
	struct version *read;
	size_t read_room;
};

/* Returns whether the key is new. */
static bool
add_key(struct image *m, struct key key)
{
	struct str path = path_join(m->call->arena, key.ns, key.name);
	void **slot =
	    str_map_slot(&m->known, arena_printf(m->call->arena, "%d" STR_FMT,
					(int)key.space, STR_ARG(path)));

	if (*slot != NULL)
		return false;
	*slot = m;
	LIST_RESERVE(m->call->arena, m->at, m->count, m->room, 1);
	m->at[m->count++] = key;
	return true;
}

/* Those around a namespace that is known are known. */
static enum err
add_namespaces(struct image *m, struct str path)
{
	while (path.len != 0) {
		struct key key = path_key(path);

		if (!add_key(m, key))
			break;
		path = key.ns;
	}
	return arena_check(m->call->arena, m->call->error);
}

static enum err
read_from(struct image *m, struct chain from, size_t first)
{
	struct arena *a = m->call->arena;

	LIST_RESERVE(a, m->read, first, m->read_room, m->count - first);
	for (size_t i = first; i < m->count; i += READ_KEYS) {
		size_t left = m->count - i;

		TRY(store_read(m->call, from, &m->at[i],
		    left < READ_KEYS ? left : READ_KEYS, &m->read[i]));
		TRY(arena_check(a, m->call->error));
	}
	return OK;
}

static enum err
check_assets(struct image *m, size_t asset_count)
{
	for (size_t i = 0; i < asset_count; i++) {
		struct ident ident = { m->at[i].ns, m->at[i].name };

		if (!version_is_live(&m->read[i]))
			return fail(m->call->error, ERR_BAD_REQUEST,
			    "/assets: there is no " STR_FMT,
			    STR_ARG(ident_shown(m->call->arena, ident)));
	}
	return OK;
}

/* A table brings the claims of its places: what is made on the branch must not
 * lie in them. */
static void
add_claims(struct image *m, size_t asset_count)
{
	for (size_t i = 0; i < asset_count; i++) {
		struct claim_keys claims;

		if (m->read[i].kind != KIND_TABLE)
			continue;
		claims = location_claims_keys(m->call->arena, m->read[i].body);
		for (size_t k = 0; k < claims.count; k++)
			(void)add_key(m, claims.at[k]);
	}
}

static enum err
load(struct image *m, int64_t to)
{
	struct history history = { .versions = m->read };

	for (size_t i = 0; i < m->count; i++) {
		if (!version_is_live(&m->read[i]))
			continue;
		m->read[history.version_count] = m->read[i];
		m->read[history.version_count++].at = (struct point){ to, 0 };
	}
	return store_load(m->call, to, &history);
}

enum err
partial_load(struct call *c, struct chain from, const struct str *assets,
    size_t count, int64_t to)
{
	struct image image = { .call = c, .known = str_map_in(c->arena) };
	struct ident *idents = ARENA_NEW(c->arena, struct ident, count);
	size_t asset_count, first;

	for (size_t i = 0; i < count; i++) {
		TRY(ident_of_dotted(
		    c->arena, "/assets", assets[i], &idents[i], c->error));
		(void)add_key(&image, ident_key(idents[i]));
	}
	asset_count = image.count;
	for (size_t i = 0; i < count; i++)
		TRY(add_namespaces(&image, idents[i].ns));
	TRY(read_from(&image, from, 0));
	TRY(check_assets(&image, asset_count));
	first = image.count;
	add_claims(&image, asset_count);
	TRY(read_from(&image, from, first));
	return load(&image, to);
}
