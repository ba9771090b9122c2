#include "api/paging.h"

#include "api/access.h"
#include "api/current_keys.h"
#include "app/app.h"
#include "base/buf.h"
#include "identity/seal.h"

static struct str
about(const struct request *r, const struct listed *listed)
{
	struct buf b = buf_in(r->arena);
	char tenant[ID_TEXT];

	id_format(request_tenant(r), tenant);
	buf_printf(&b, "page:%s:%lld:%s:", tenant, (long long)listed->branch,
	    listed->what);
	buf_add(&b, listed->ns);
	return buf_str(&b);
}

struct str
paging_token(
    const struct request *r, const struct listed *listed, struct cursor next)
{
	struct buf text = buf_in(r->arena);

	if (next.name.ptr == NULL)
		return next.name;
	buf_add_int(&text, next.seq);
	buf_add_char(&text, ':');
	buf_add(&text, next.name);
	return seal(r->arena, r->app->keys, about(r, listed), buf_str(&text));
}

static enum err
read_token(struct request *r, const struct listed *listed, struct str token,
    struct cursor *ret)
{
	struct str rest;
	bool is_ours;

	TRY(keys_unseal(r, about(r, listed), token, &is_ours, &rest));
	if (!is_ours || !str_to_int(str_cut(&rest, ':'), &ret->seq))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "pageToken is not one of this list");
	ret->name = rest;
	return OK;
}

/*
 * A client that sends no pageToken knows of no pages and must get everything,
 * whatever its pageSize.  One that sends an empty token and no pageSize, as
 * Iceberg's Java client does, takes pages of any size.
 */
enum err
paging_read(struct request *r, const struct listed *listed, struct paging *ret)
{
	struct str token, size;
	int64_t wanted = PAGE_SIZE_MAX;

	TRY(request_query(r, "pageToken", &token));
	TRY(request_query(r, "pageSize", &size));
	if (size.ptr != NULL && (!str_to_int(size, &wanted) || wanted < 1))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "pageSize must be a number above 0: " STR_FMT,
		    STR_ARG(size));
	*ret = (struct paging){ .may_be_whole = token.len == 0 };
	if (token.ptr == NULL)
		return OK; /* PAGE_ALL */
	ret->may_be_whole &= size.ptr == NULL;
	ret->page.size = wanted < PAGE_SIZE_MAX ? wanted : PAGE_SIZE_MAX;
	return token.len != 0 ? read_token(r, listed, token, &ret->page.after)
			      : OK;
}
