#include "ops/request_notes.h"

#include "app/app.h"
#include "base/clock.h"
#include "calls/usage.h"
#include "config/settings.h"
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

/* Changes that were made have rows already, and reads are noted as a setting
 * says, unless rights or credentials were missing. */
static bool
is_noted(const struct request *r, int status)
{
	if (r->route == NULL ||
	    (r->usage.deed != NULL && r->usage.deed->is_on_record))
		return false;
	if (status == 401 || status == 403)
		return true;
	if (request_reads(r))
		return r->app->settings->audit_reads;
	return status >= 400;
}

void
note_request(const struct request *r, const struct outcome *o)
{
	const struct principal *p = r->principal;
	struct request_note note = { .status = o->status,
		.result = o->status < 400 ? DEED_SUCCEEDED : DEED_FAILED };

	if (!is_noted(r, o->status))
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
	if (o->status >= 400)
		audit_note_text(
		    note.error, sizeof(note.error), str_from(r->error.message));
	audit_note_request(&note);
}
