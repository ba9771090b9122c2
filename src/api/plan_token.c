/* plan_token.c - a token is a JSON object with names of one letter. */
#include "api/plan_token.h"

#include "api/current_keys.h"
#include "app/app.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "identity/seal.h"

static struct str
about(
    const struct request *r, enum plan_token_kind kind, struct plan_owner owner)
{
	struct buf b = buf_in(r->arena);
	char table[ID_TEXT];

	id_format(owner.table, table);
	buf_printf(&b, "%s:%lld:%s", kind == PLAN_ID ? "plan" : "plan-task",
	    (long long)owner.branch, table);
	return buf_str(&b);
}

struct str
plan_token_write(const struct request *r, enum plan_token_kind kind,
    struct plan_owner owner, const struct plan_token *token)
{
	struct buf b = buf_in(r->arena);
	char plan[ID_TEXT];

	id_format(token->plan, plan);
	buf_printf(
	    &b, "{\"p\":\"%s\",\"e\":%lld", plan, (long long)token->expires_s);
	if (token->metadata_location.ptr != NULL) {
		buf_add(&b, STR(",\"m\":"));
		buf_add_json(&b, token->metadata_location);
		buf_add(&b, STR(",\"r\":"));
		buf_add(&b, token->request);
	}
	if (kind == PLAN_TASK)
		buf_printf(&b, ",\"f\":%zu,\"t\":%zu", token->from, token->to);
	buf_add_char(&b, '}');
	return seal(r->arena, r->app->keys, about(r, kind, owner), buf_str(&b));
}

static bool
parse(struct arena *a, struct str text, struct plan_token *ret)
{
	struct error ignored;
	yyjson_val *json, *request;

	if (json_parse(a, text, &json, &ignored) != OK ||
	    !id_parse(json_str(json_member(json, STR("p"))), &ret->plan))
		return false;
	ret->expires_s = yyjson_get_sint(json_member(json, STR("e")));
	ret->metadata_location = json_str(json_member(json, STR("m")));
	request = json_member(json, STR("r"));
	if (request != NULL)
		ret->request = json_text(a, request);
	ret->from = yyjson_get_uint(json_member(json, STR("f")));
	ret->to = yyjson_get_uint(json_member(json, STR("t")));
	return true;
}

enum err
plan_token_unknown(struct request *r, enum plan_token_kind kind)
{
	if (kind == PLAN_ID)
		return fail(&r->error, ERR_NO_SUCH_PLAN_ID,
		    "Plan does not exist, or no longer");
	return fail(&r->error, ERR_NO_SUCH_PLAN_TASK,
	    "Plan task does not exist, or no longer");
}

enum err
plan_token_read(struct request *r, enum plan_token_kind kind,
    struct plan_owner owner, struct str text, struct plan_token *ret)
{
	struct plan_token token = { 0 };
	struct str opened;
	bool is_ours;

	TRY(keys_unseal(r, about(r, kind, owner), text, &is_ours, &opened));
	if (!is_ours || !parse(r->arena, opened, &token) ||
	    token.expires_s <= clock_now_us() / CLOCK_SECOND)
		return plan_token_unknown(r, kind);
	*ret = token;
	return OK;
}
