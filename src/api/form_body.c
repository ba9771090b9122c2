#include "api/form_body.h"

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
