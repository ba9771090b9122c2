#include "record/audit.h"

#include "base/clock.h"
#include "calls/usage.h"

static const struct {
	const char *word;
	enum audit_resource resource;
} actions[DEED_ACTION_COUNT] = {
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
	[RESOURCE_CACHE] = "cache",
};

/* ---- words */
const char *
audit_action_word(int64_t number)
{
	return number > 0 && number < DEED_ACTION_COUNT ? actions[number].word
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
	for (int i = 1; i < DEED_ACTION_COUNT; i++)
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

size_t
audit_text_length(struct str s, size_t most)
{
	size_t n = s.len;

	if (n > most)
		for (n = most; n > 0 && (s.ptr[n] & 0xC0) == 0x80; n--)
			continue;
	return n;
}

char
audit_character(char c, bool is_text)
{
	unsigned char ch = (unsigned char)c;

	return ch >= ' ' && ch != 0x7F && (ch < 0x80 || is_text) ? c : '?';
}

struct str
audit_text(struct arena *a, struct str s, size_t most)
{
	bool is_text = str_is_utf8(s);
	size_t n = audit_text_length(s, most);
	char *text;

	if (s.ptr == NULL)
		return s;
	text = ARENA_NEW(a, char, n + 1);
	for (size_t i = 0; i < n; i++)
		text[i] = audit_character(s.ptr[i], is_text);
	return (struct str){ text, n };
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

	if (deed == NULL || deed->is_on_record || action == DEED_NONE)
		return;
	row = batch_insert(b, ENTITY_AUDIT_LOGS);
	row[ENTRY_ID] = value_id(id_v7());
	row[ENTRY_TENANT] = value_id_or_null(tenant);
	row[ENTRY_USER] = value_id_or_null(deed->user);
	row[ENTRY_USERNAME] = value_text(deed->username);
	row[ENTRY_ACTION] = value_int(action);
	row[ENTRY_RESOURCE_TYPE] = value_int(audit_resource_of(action));
	row[ENTRY_RESOURCE_ID] = value_id_or_null(thing);
	row[ENTRY_RESOURCE_NAME] = value_text(name);
	row[ENTRY_AT_US] = value_int(clock_now_us());
	row[ENTRY_ADDRESS] = value_text(deed->address);
	row[ENTRY_AGENT] = value_text(deed->agent);
	row[ENTRY_RESULT] = value_int(DEED_SUCCEEDED);
	b->deed = deed;
}

void
audit_add(struct batch *b, struct id tenant, struct id thing, struct str name)
{
	const struct usage *usage = b->call->usage;

	if (usage != NULL && usage->deed != NULL)
		audit_add_as(b, usage->deed->action, tenant, thing, name);
}

enum err
audit_write(struct call *c, struct id tenant, struct str name)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	audit_add(&b, tenant, (struct id){ 0 }, name);
	return b.count == 0 ? OK : batch_apply(&b, 0, &verdict, &failed);
}
