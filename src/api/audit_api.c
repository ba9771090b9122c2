/* audit_api.c - the audit log: administrators read that of their tenant, root
 * without a tenant all of it. */
#include "api/access.h"
#include "api/csv.h"
#include "api/form_body.h"
#include "api/forms_audit.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/page_token.h"
#include "api/ref_target.h"
#include "base/clock.h"
#include "http/streaming.h"
#include "record/audit_log.h"

/* The length of a list when the query has no `limit`. */
#define ENTRIES_SHOWN 100

/* A part of an export: what is in memory of it at a time. */
#define ENTRIES_EXPORTED 500

static struct str
text_or_empty(struct str s)
{
	return s.ptr != NULL ? s : STR("");
}

static struct str
word(const char *word)
{
	return str_from(word != NULL ? word : "unknown");
}

static struct audit_body
body_of(const struct audit_entry *e)
{
	return (struct audit_body){ .id = e->id,
		.tenant = e->tenant,
		.user = e->user,
		.username = text_or_empty(e->username),
		.action = word(audit_action_word(e->action)),
		.resource_type = word(audit_resource_word(e->resource)),
		.resource_id = e->thing,
		.resource_name = text_or_empty(e->name),
		.at_us = e->at_us,
		.address = e->address,
		.agent = e->agent,
		.result =
		    e->result == DEED_FAILED ? STR("failure") : STR("success"),
		.error = e->error,
		.metadata = e->metadata };
}

static enum err
query_moment(struct request *r, const char *name, int64_t *ret)
{
	struct str text;

	*ret = 0;
	TRY(request_query(r, name, &text));
	if (text.ptr != NULL && !clock_parse(text, ret))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s: expected a moment like 2026-01-31T12:00:00Z", name);
	return OK;
}

static enum err
query_words(struct request *r, struct audit_filter *ret)
{
	struct str action, type, result;

	TRY(request_query(r, "action", &action));
	TRY(request_query(r, "resource_type", &type));
	TRY(request_query(r, "result", &result));
	if (action.ptr != NULL && !audit_action_parse(action, &ret->action))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "action: there is no such action");
	if (type.ptr != NULL && !audit_resource_parse(type, &ret->resource))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "resource_type: there is no such type");
	if (result.ptr == NULL)
		return OK;
	if (str_eq(result, STR("success")))
		ret->result = DEED_SUCCEEDED;
	else if (str_eq(result, STR("failure")))
		ret->result = DEED_FAILED;
	else
		return fail(&r->error, ERR_BAD_REQUEST,
		    "result: expected success or failure");
	return OK;
}

static enum err
query_filter(struct request *r, struct audit_filter *ret)
{
	*ret = (struct audit_filter){ .tenant = request_tenant(r) };
	TRY(query_id(r, "user_id", &ret->user));
	TRY(query_id(r, "resource_id", &ret->thing));
	TRY(query_moment(r, "start_time", &ret->since_us));
	TRY(query_moment(r, "end_time", &ret->until_us));
	return query_words(r, ret);
}

/* Where a page ends means nothing in the order of another filter. */
static struct str
about_list(struct arena *a, const struct audit_filter *f)
{
	char tenant[ID_TEXT], user[ID_TEXT], thing[ID_TEXT];

	id_format(f->tenant, tenant);
	id_format(f->user, user);
	id_format(f->thing, thing);
	return arena_printf(a, "audit:%s:%s:%s:%d:%d:%d:%lld:%lld", tenant,
	    user, thing, (int)f->action, (int)f->resource, f->result,
	    (long long)f->since_us, (long long)f->until_us);
}

enum err
audit_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct audit_filter filter;
	struct audit_entries found;
	struct range page;
	struct str about;

	TRY(query_filter(r, &filter));
	TRY(query_page(r, ENTRIES_SHOWN, LIST_ROWS_MAX, &page));
	about = about_list(r->arena, &filter);
	TRY(page_token_read_of(r, about, &filter.after));
	if (filter.after.ptr != NULL && page.offset != 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "page_token: goes neither with offset nor with page");
	TRY(audit_list(&call, &filter, page.limit, page.offset, &found));

	struct audit_body *bodies =
	    ARENA_NEW(r->arena, struct audit_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&found.at[i]);
	reply_forms(r, &form_audit_entry, bodies, found.count);
	if (found.next.ptr != NULL)
		page_token_reply_of(r, about, found.next);
	return OK;
}

enum err
audit_count_get(struct request *r)
{
	struct call call = request_call(r);
	struct audit_count_body body;
	struct audit_filter filter;

	TRY(query_filter(r, &filter));
	TRY(audit_count(&call, &filter, &body.count));
	reply_form(r, &form_audit_count, &body);
	return OK;
}

enum err
audit_entry_get(struct request *r)
{
	struct call call = request_call(r);
	struct audit_entry found;
	struct audit_body body;
	struct id id;

	TRY(arg_id(r, 0, "Audit event id", &id));
	TRY(audit_get(&call, request_tenant(r), id, &found));
	body = body_of(&found);
	reply_form(r, &form_audit_entry, &body);
	return OK;
}

/* ---- export */
struct audit_export {
	struct audit_filter filter;
	bool is_csv;
	char after[256]; /* what filter.after points to */
};

static void
add_entries(struct buf *b, const struct audit_export *x,
    const struct audit_entries *found)
{
	if (x->is_csv && x->filter.after.ptr == NULL)
		csv_add_names(b, &form_audit_entry);
	for (size_t i = 0; i < found->count; i++) {
		const struct audit_body body = body_of(&found->at[i]);

		if (x->is_csv) {
			csv_add_line(b, &form_audit_entry, &body);
		} else {
			form_encode(&form_audit_entry, &body, b);
			buf_add_char(b, '\n');
		}
	}
}

static enum err
export_part(struct request *r, void *arg, bool *ret_more)
{
	struct call call = request_call(r);
	struct buf b = buf_in(r->arena);
	struct audit_entries found;
	struct audit_export *x = arg;

	TRY(audit_list(&call, &x->filter, ENTRIES_EXPORTED, 0, &found));
	if (found.next.len > sizeof(x->after))
		return fail(
		    &r->error, ERR_INTERNAL, "The store's token is too long");
	add_entries(&b, x, &found);
	reply_part(r, buf_str(&b));
	*ret_more = found.next.ptr != NULL;
	if (*ret_more) {
		memcpy(x->after, found.next.ptr, found.next.len);
		x->filter.after = (struct str){ x->after, found.next.len };
	}
	return OK;
}

enum err
audit_export_get(struct request *r)
{
	struct audit_export *x = ARENA_NEW(r->arena, struct audit_export, 1);
	struct str format;

	TRY(query_filter(r, &x->filter));
	TRY(request_query(r, "format", &format));
	x->is_csv = str_eq(format, STR("csv"));
	if (format.ptr != NULL && !x->is_csv && !str_eq(format, STR("jsonl")))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "format: expected jsonl or csv");
	r->reply.content_type = x->is_csv
				    ? "text/csv; charset=utf-8; header=present"
				    : "application/jsonl";
	reply_header(r, "Content-Disposition",
	    x->is_csv ? STR("attachment; filename=\"audit.csv\"")
		      : STR("attachment; filename=\"audit.jsonl\""));
	return reply_stream(r, export_part, x);
}
