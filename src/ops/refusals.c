#include "ops/refusals.h"

#include "base/clock.h"
#include "calls/usage.h"
#include "identity/principal.h"
#include "record/audit_notes.h"

/* A 401 tells which credentials were not valid. */
static enum audit_action
rejected(const struct request *r)
{
	if (r->tried != NULL)
		return DEED_LOGIN_FAILED;
	if (request_header(r, STR("X-API-Key")).ptr != NULL)
		return DEED_API_KEY_REJECTED;
	if (request_header(r, STR("Authorization")).ptr != NULL)
		return DEED_TOKEN_REJECTED;
	return DEED_NONE;
}

static enum audit_action
action_of(const struct request *r, int status)
{
	if (status == 401)
		return rejected(r);
	if (status == 429 && r->tried != NULL)
		return DEED_LOGIN_FAILED;
	if (r->principal == NULL && r->tried == NULL)
		return DEED_NONE;
	if (status == 403)
		return DEED_PERMISSION_DENIED;
	return (enum audit_action)r->route->deed;
}

void
refusal_note(const struct request *r, const struct outcome *o)
{
	const struct principal *p = r->principal;
	struct refusal_note note = { .status = o->status };

	if (o->status < 400 || r->route == NULL ||
	    (r->usage.deed != NULL && r->usage.deed->is_on_record))
		return;
	note.action = action_of(r, o->status);
	if (note.action == DEED_NONE)
		return;
	if (note.action == DEED_PERMISSION_DENIED)
		note.wanted = (enum audit_action)r->route->deed;
	note.at_us = clock_now_us();
	if (p != NULL) {
		note.tenant = p->acts_in;
		note.user = p->id;
	}
	if (p != NULL || r->tried != NULL)
		audit_note_text(note.username, sizeof(note.username),
		    p != NULL ? p->username : *r->tried);
	audit_note_text(note.name, sizeof(note.name), r->path);
	audit_note_text(note.address, sizeof(note.address), r->client);
	audit_note_text(note.agent, sizeof(note.agent),
	    request_header(r, STR("User-Agent")));
	audit_note_text(
	    note.error, sizeof(note.error), str_from(r->error.message));
	audit_note_refusal(&note);
}
