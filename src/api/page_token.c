#include "api/page_token.h"

#include "api/current_keys.h"
#include "api/limit_offset.h"
#include "app/app.h"
#include "identity/seal.h"

static struct str
about(const struct request *r, struct str list, const struct catalog *catalog)
{
	char id[ID_TEXT];

	id_format(catalog->id, id);
	return arena_printf(r->arena, STR_FMT ":%s", STR_ARG(list), id);
}

enum err
page_token_foreign(struct request *r)
{
	return fail(
	    &r->error, ERR_BAD_REQUEST, "page_token is not one of this list");
}

enum err
page_token_read_of(struct request *r, struct str about, struct str *ret)
{
	struct str token;
	bool is_ours;

	*ret = (struct str){ 0 };
	TRY(request_query(r, "page_token", &token));
	if (token.len == 0)
		return OK;
	TRY(keys_unseal(r, about, token, &is_ours, ret));
	return is_ours ? OK : page_token_foreign(r);
}

void
page_token_reply_of(struct request *r, struct str about, struct str text)
{
	reply_next_token(r, seal(r->arena, r->app->keys, about, text));
}

enum err
page_token_read(struct request *r, struct str list,
    const struct catalog *catalog, struct str *ret)
{
	return page_token_read_of(r, about(r, list, catalog), ret);
}

void
page_token_reply(struct request *r, struct str list,
    const struct catalog *catalog, struct str text)
{
	page_token_reply_of(r, about(r, list, catalog), text);
}

struct str
page_token_of_point(struct arena *a, struct point p)
{
	return arena_printf(
	    a, "%lld:%lld", (long long)p.branch, (long long)p.seq);
}

bool
page_token_to_point(struct str text, struct point *ret)
{
	return str_to_int(str_cut(&text, ':'), &ret->branch) &&
	       str_to_int(text, &ret->seq);
}
