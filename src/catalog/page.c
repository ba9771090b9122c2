#include "catalog/page.h"

#include <stdio.h>

#include "base/buf.h"
#include "plugin/store_call.h"

/* How many versions are asked for at once when all are wanted. */
#define CHUNK 1000

/* ---- tokens: hexadecimal of "1:<branch>:<seq>:<name>" */
static struct str
token_write(struct arena *a, struct point at, struct str name)
{
	static const char hex[] = "0123456789abcdef";
	struct str plain = arena_printf(a, "1:%lld:%lld:" STR_FMT,
	    (long long)at.branch, (long long)at.seq, STR_ARG(name));
	char *token = ARENA_NEW(a, char, plain.len * 2 + 1);

	for (size_t i = 0; i < plain.len; i++) {
		unsigned char c = (unsigned char)plain.ptr[i];

		token[2 * i] = hex[c >> 4];
		token[2 * i + 1] = hex[c & 15];
	}
	return (struct str){ token, plain.len * 2 };
}

static bool
token_read(struct arena *a, struct str token, struct point *ret_at,
    struct str *ret_name)
{
	char *plain = ARENA_NEW(a, char, token.len / 2 + 1);

	if (token.len % 2 != 0)
		return false;
	for (size_t i = 0; i < token.len / 2; i++) {
		int high = str_hex_digit(token.ptr[2 * i]);
		int low = str_hex_digit(token.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		plain[i] = (char)(high << 4 | low);
	}

	struct str rest = { plain, token.len / 2 };

	if (!str_eq(str_cut(&rest, ':'), STR("1")) ||
	    !str_to_int(str_cut(&rest, ':'), &ret_at->branch) ||
	    !str_to_int(str_cut(&rest, ':'), &ret_at->seq) ||
	    rest.ptr == NULL || ret_at->seq < 0 || !str_is_utf8(rest) ||
	    rest.len > NAME_MAX_BYTES ||
	    memchr(rest.ptr, '\0', rest.len) != NULL)
		return false;
	*ret_name = rest;
	return true;
}

static enum err
start(struct call *c, const struct branch *b, struct str token,
    struct point *ret_at, struct str *ret_name)
{
	if (token.len == 0) {
		*ret_at = (struct point){ b->id, 0 };
		*ret_name = STR("");
		return store_tails(c, ret_at, 1);
	}
	if (!token_read(c->arena, token, ret_at, ret_name) ||
	    ret_at->branch != b->id)
		return fail(c->error, ERR_BAD_REQUEST,
		    "pageToken is not one of this list");
	return OK;
}

struct gathered {
	struct version *at;
	size_t count, room;
};

static void
gather(struct arena *a, struct gathered *g, const struct version *v)
{
	if (g->count == g->room) {
		size_t room = g->room == 0 ? 64 : g->room * 2;

		g->at = arena_grow(
		    a, g->at, g->room * sizeof(*g->at), room * sizeof(*g->at));
		g->room = room;
	}
	g->at[g->count++] = *v;
}

enum err
page_list(struct call *c, const struct branch *b, enum space space,
    struct str ns, enum kind kind, struct page page, struct listing *ret)
{
	struct key after = { space, ns, STR("") };
	struct gathered found = { 0 };
	struct versions some = { .more = true };
	struct point at;

	TRY(start(c, b, page.token, &at, &after.name));
	while (some.more) {
		size_t want = page.size == PAGE_ALL
				  ? CHUNK
				  : (size_t)page.size - found.count;

		TRY(store_list(c, (struct chain){ &at, 1 }, after,
		    (uint32_t)(want < CHUNK ? want : CHUNK), &some));
		for (size_t i = 0; i < some.count; i++) {
			if (version_is_live(&some.at[i]) &&
			    some.at[i].kind == (int)kind)
				gather(c->arena, &found, &some.at[i]);
			after.name = some.at[i].key.name;
		}
		if (page.size != PAGE_ALL && (int64_t)found.count == page.size)
			break;
	}
	ret->at = found.at;
	ret->count = found.count;
	ret->next = some.more ? token_write(c->arena, at, after.name)
			      : (struct str){ 0 };
	return OK;
}
