#include "api/limit_offset.h"

#include "base/buf.h"
#include "record/batch.h"

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

#define PAGE_SIZE_USUAL 100

/* `page` and `page_size` as a limit and an offset; neither: they stay. */
static enum err
query_numbered(struct request *r, int64_t most, struct range *io)
{
	int64_t page, size;

	TRY(query_number(r, "page", 1, &page));
	TRY(query_number(r, "page_size", 1, &size));
	if (page == 0 && size == 0)
		return OK;
	if (io->limit != 0 || io->offset != 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "page: goes with page_size, not with limit and offset");
	if (size == 0)
		size = PAGE_SIZE_USUAL;
	if (size > most)
		size = most;
	if (page > INT32_MAX / size)
		return fail(
		    &r->error, ERR_BAD_REQUEST, "page: no list has that many");
	*io = (struct range){ size, page != 0 ? (page - 1) * size : 0 };
	return OK;
}

static enum err
query_any(struct request *r, int64_t most, struct range *ret)
{
	TRY(query_number(r, "limit", 1, &ret->limit));
	TRY(query_number(r, "offset", 0, &ret->offset));
	return query_numbered(r, most, ret);
}

enum err
query_range(struct request *r, struct range *ret)
{
	return query_any(r, LIST_ROWS_MAX, ret);
}

enum err
query_page(struct request *r, int64_t usual, int64_t most, struct range *ret)
{
	TRY(query_any(r, most, ret));
	if (ret->limit == 0)
		ret->limit = usual;
	if (ret->limit > most)
		ret->limit = most;
	return OK;
}

struct shown_page
shown_page_of(struct range range)
{
	bool all = range.limit == 0 || range.limit > LIST_ROWS_MAX;

	return (struct shown_page){ .skip = range.offset,
		.most = all ? LIST_ROWS_MAX : (size_t)range.limit };
}

bool
shown_page_takes(struct shown_page *page)
{
	if (page->skip > 0) {
		page->skip--;
		return false;
	}
	page->more = page->count == page->most;
	page->count += !page->more;
	return !page->more;
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

/* Whether a link says it anew: a page may have been cut short, so that links of
 * numbered pages go on by offset, too. */
static bool
is_replaced(struct str argument, bool has_limit)
{
	return str_starts_with(argument, STR("offset=")) ||
	       str_starts_with(argument, STR("page=")) ||
	       str_starts_with(argument, STR("page_token=")) ||
	       (has_limit && (str_starts_with(argument, STR("limit=")) ||
				 str_starts_with(argument, STR("page_size="))));
}

/* Of two arguments with one name the first counts. */
static void
add_link(struct request *r, struct buf *io, bool has_limit)
{
	struct str rest = r->query;

	while (rest.len != 0) {
		struct str argument = str_cut(&rest, '&');

		if (is_replaced(argument, has_limit))
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
	if (range.limit != 0)
		buf_printf(&link, "&limit=%lld", (long long)range.limit);
	add_link(r, &link, range.limit != 0);
}

void
reply_next_token(struct request *r, struct str token)
{
	struct buf link = buf_in(r->arena);

	buf_printf(&link, "<?page_token=" STR_FMT, STR_ARG(token));
	add_link(r, &link, false);
}
