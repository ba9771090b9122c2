#include "record/audit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "calls/usage.h"

static const struct {
	const char *word;
	enum audit_resource resource;
} actions[AUDIT_ACTION_COUNT] = {
#define X(name, word, resource) [name] = { word, resource },
#include "record/audit_actions.def"
#undef X
};

static const char *const resources[RESOURCE_COUNT] = {
	[RESOURCE_CATALOG] = "catalog",
	[RESOURCE_NAMESPACE] = "namespace",
	[RESOURCE_TABLE] = "table",
	[RESOURCE_VIEW] = "view",
	[RESOURCE_BRANCH] = "branch",
	[RESOURCE_TAG] = "tag",
	[RESOURCE_USER] = "user",
	[RESOURCE_SERVICE_USER] = "service_user",
	[RESOURCE_PERMISSION] = "permission",
	[RESOURCE_ROLE] = "role",
	[RESOURCE_FEDERATED_CATALOG] = "federated_catalog",
	[RESOURCE_WAREHOUSE] = "warehouse",
	[RESOURCE_TENANT] = "tenant",
	[RESOURCE_MERGE_OPERATION] = "merge_operation",
	[RESOURCE_CONFLICT] = "conflict",
	[RESOURCE_ACCESS_REQUEST] = "access_request",
	[RESOURCE_METADATA] = "metadata",
	[RESOURCE_TOKEN] = "token",
	[RESOURCE_COMMIT] = "commit",
	[RESOURCE_TASK] = "task",
};

/* ---- words */
const char *
audit_action_word(int64_t number)
{
	return number > 0 && number < AUDIT_ACTION_COUNT ? actions[number].word
							 : NULL;
}

const char *
audit_resource_word(int64_t number)
{
	return number > 0 && number < RESOURCE_COUNT ? resources[number] : NULL;
}

bool
audit_action_parse(struct str s, enum audit_action *ret)
{
	for (int i = 1; i < AUDIT_ACTION_COUNT; i++)
		if (str_eq(s, str_from(actions[i].word))) {
			*ret = (enum audit_action)i;
			return true;
		}
	return false;
}

bool
audit_resource_parse(struct str s, enum audit_resource *ret)
{
	for (int i = 1; i < RESOURCE_COUNT; i++)
		if (str_eq(s, str_from(resources[i]))) {
			*ret = (enum audit_resource)i;
			return true;
		}
	return false;
}

enum audit_resource
audit_resource_of(enum audit_action action)
{
	return actions[action].resource;
}

struct str
audit_text(struct arena *a, struct str s, size_t most)
{
	bool is_text = str_is_utf8(s);
	struct buf b = buf_in(a);

	if (s.ptr == NULL)
		return s;
	if (s.len > most) {
		s.len = most;
		while (s.len > 0 && (s.ptr[s.len] & 0xC0) == 0x80)
			s.len--;
	}
	for (size_t i = 0; i < s.len; i++) {
		unsigned char ch = (unsigned char)s.ptr[i];
		bool shown = ch >= ' ' && ch != 0x7F && (ch < 0x80 || is_text);

		buf_add_char(&b, shown ? s.ptr[i] : '?');
	}
	return buf_str(&b);
}

/* ---- rows */
void
audit_signed_in(const struct call *c, struct id user, struct str username)
{
	struct deed *deed = c->usage != NULL ? c->usage->deed : NULL;

	if (deed == NULL || deed->username.ptr != NULL)
		return;
	deed->user = user;
	deed->username = username;
}

void
audit_add_as(struct batch *b, enum audit_action action, struct id tenant,
    struct id thing, struct str name)
{
	struct deed *deed =
	    b->call->usage != NULL ? b->call->usage->deed : NULL;
	struct value *row;

	if (deed == NULL || deed->is_on_record || action == AUDIT_NONE)
		return;
	row = batch_insert(b, ENTITY_AUDIT_LOGS);
	row[AUDIT_ID] = value_id(id_v7());
	row[AUDIT_TENANT] = value_id_or_null(tenant);
	row[AUDIT_USER] = value_id_or_null(deed->user);
	row[AUDIT_USERNAME] = value_text(deed->username);
	row[AUDIT_ACTION] = value_int(action);
	row[AUDIT_RESOURCE_TYPE] = value_int(audit_resource_of(action));
	row[AUDIT_RESOURCE_ID] = value_id_or_null(thing);
	row[AUDIT_RESOURCE_NAME] = value_text(name);
	row[AUDIT_AT_US] = value_int(clock_now_us());
	row[AUDIT_ADDRESS] = value_text(deed->address);
	row[AUDIT_AGENT] = value_text(deed->agent);
	row[AUDIT_RESULT] = value_int(AUDIT_SUCCESS);
	b->deed = deed;
}

void
audit_add(struct batch *b, struct id tenant, struct id thing, struct str name)
{
	const struct usage *usage = b->call->usage;

	if (usage != NULL && usage->deed != NULL)
		audit_add_as(b, usage->deed->action, tenant, thing, name);
}
