#include "api/steps.h"

enum err
body_decode(struct request *r, const struct form *form, void *ret)
{
	return form_decode(form, r->arena, r->body, ret, &r->error);
}

enum err
arg_id(struct request *r, int arg, const char *what, struct id *ret)
{
	if (!id_parse(r->arg[arg], ret))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s '" STR_FMT "' is not a UUID", what,
		    STR_ARG(r->arg[arg]));
	return OK;
}

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

void
reply_form(struct request *r, const struct form *form, const void *from)
{
	struct buf body = buf_in(r->arena);

	form_encode(form, from, &body);
	reply_part(r, buf_str(&body));
}

void
reply_forms(
    struct request *r, const struct form *form, const void *from, size_t count)
{
	struct buf body = buf_in(r->arena);

	form_encode_list(form, from, count, &body);
	reply_part(r, buf_str(&body));
}

void
reply_made(struct request *r, const struct form *form, const void *from)
{
	r->reply.status = 201;
	reply_form(r, form, from);
}

void
reply_no_store(struct request *r)
{
	reply_header(r, "Cache-Control", STR("no-store"));
}
