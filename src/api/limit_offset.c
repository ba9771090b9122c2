#include "api/limit_offset.h"

#include "base/buf.h"

/* Stores page with 32 bits. */
static enum err
query_number(struct request *r, const char *name, int64_t least, int64_t *ret)
{
	struct str text;

	*ret = 0;
	TRY(request_query(r, name, &text));
	if (text.ptr == NULL)
		return OK;
	if (!str_to_int(text, ret) || *ret < least || *ret > INT32_MAX)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s: expected a number from %lld to %lld", name,
		    (long long)least, (long long)INT32_MAX);
	return OK;
}

enum err
query_range(struct request *r, struct range *ret)
{
	TRY(query_number(r, "limit", 1, &ret->limit));
	return query_number(r, "offset", 0, &ret->offset);
}

enum err
query_page(struct request *r, int64_t usual, int64_t most, struct range *ret)
{
	TRY(query_range(r, ret));
	if (ret->limit == 0)
		ret->limit = usual;
	if (ret->limit > most)
		ret->limit = most;
	return OK;
}

/* In the target of a link. */
static void
add_argument(struct buf *b, struct str argument)
{
	for (size_t i = 0; i < argument.len; i++) {
		char c = argument.ptr[i];

		if (c == '<' || c == '>' || c == '"')
			buf_printf(b, "%%%02X", (unsigned char)c);
		else
			buf_add_char(b, c);
	}
}

/* Of two arguments with one name the first counts. */
static void
add_link(struct request *r, struct buf *io)
{
	struct str rest = r->query;

	while (rest.len != 0) {
		struct str argument = str_cut(&rest, '&');

		if (str_starts_with(argument, STR("offset=")) ||
		    str_starts_with(argument, STR("page_token=")))
			continue;
		buf_add_char(io, '&');
		add_argument(io, argument);
	}
	buf_add(io, STR(">; rel=\"next\""));
	reply_header(r, "Link", buf_str(io));
}

void
reply_next(struct request *r, struct range range, size_t count, bool more)
{
	struct buf link = buf_in(r->arena);

	if (!more)
		return;
	buf_printf(
	    &link, "<?offset=%lld", (long long)range.offset + (long long)count);
	add_link(r, &link);
}

void
reply_next_token(struct request *r, struct str token)
{
	struct buf link = buf_in(r->arena);

	buf_printf(&link, "<?page_token=" STR_FMT, STR_ARG(token));
	add_link(r, &link);
}
