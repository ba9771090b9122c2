#include "catalog/vending.h"

#include "base/buf.h"
#include "base/clock.h"
#include "calls/bulkheads.h"
#include "catalog/session_cache.h"
#include "catalog/sts_failures.h"
#include "catalog/warehouse_storage.h"
#include "object/s3_clients.h"
#include "object/sts.h"

#define STS_US (10 * CLOCK_SECOND)
#define PAIRS_MAX 12

/* ---- the policy of a session */

/* Policies read '*' and '?' as wildcards and "${" as a variable. */
static enum err
check_name(struct str path, struct error *e)
{
	for (size_t i = 0; i < path.len; i++)
		if (strchr("*?$", path.ptr[i]) != NULL)
			return fail(e, ERR_BAD_REQUEST,
			    "No credentials can be given for s3:" STR_FMT
			    ": a policy reads '%c' as a wildcard",
			    STR_ARG(path), path.ptr[i]);
	return OK;
}

/* Appends, as a JSON string, an ARN or prefix that ends in the name of what is
 * below a path; `from` is the part of the path that is in it. */
static void
add_below(struct buf *b, struct arena *a, struct str before, struct str from)
{
	if (b->data[b->len - 1] == '"')
		buf_add_char(b, ',');
	buf_add_json(b, arena_printf(a, STR_FMT STR_FMT "/*", STR_ARG(before),
			    STR_ARG(from)));
}

/* "//bucket/a/t" -> "a/t" */
static struct str
key_of(struct str path)
{
	struct str rest = path;

	rest = str_skip(rest, 2);
	(void)str_cut(&rest, '/');
	return rest;
}

/* The directories of a wish that are in the warehouse's bucket. */
static bool
next_path(const struct storage_access *s, struct str *rest, struct str *ret)
{
	while (rest->ptr != NULL) {
		struct str path = str_cut(rest, '\n'), bucket = path;

		if (!str_starts_with(path, STR("//")))
			continue;
		bucket = str_skip(path, 2);
		bucket = str_cut(&bucket, '/');
		while (str_ends_with(path, STR("/")))
			path.len--;
		if (!str_eq(bucket, s->s3.bucket) || key_of(path).len == 0)
			continue;
		*ret = path;
		return true;
	}
	return false;
}

/* "aws" of "arn:aws:iam::...", "aws-cn" in China. */
static struct str
partition_of(struct str role)
{
	struct str rest = role, arn = str_cut(&rest, ':');
	struct str partition = str_cut(&rest, ':');

	return str_eq(arn, STR("arn")) && partition.len != 0 ? partition
							     : STR("aws");
}

static void
add_key_of_kms(struct buf *b, struct str key)
{
	if (!str_starts_with(key, STR("arn:")))
		return;
	buf_add(b, STR(",{\"Effect\":\"Allow\",\"Action\":"
		       "[\"kms:Decrypt\",\"kms:GenerateDataKey\"],"
		       "\"Resource\":["));
	buf_add_json(b, key);
	buf_add(b, STR("]}"));
}

/* Listing takes a right on the bucket; the condition narrows it. */
enum err
vending_policy(struct call *c, const struct storage_access *s, struct str role,
    const struct vending_wish *wish, bool may_delete, struct str *ret)
{
	struct str arn = arena_printf(c->arena, "arn:" STR_FMT ":s3:::" STR_FMT,
	    STR_ARG(partition_of(role)), STR_ARG(s->s3.bucket));
	struct str slash = arena_printf(c->arena, STR_FMT "/", STR_ARG(arn));
	struct buf b = buf_in(c->arena);
	struct str rest = wish->paths, path;

	buf_add(&b, STR("{\"Version\":\"2012-10-17\",\"Statement\":["
			"{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\""));
	if (wish->may_write)
		buf_add(&b, STR(",\"s3:PutObject\","
				"\"s3:AbortMultipartUpload\","
				"\"s3:ListMultipartUploadParts\""));
	if (may_delete)
		buf_add(&b, STR(",\"s3:DeleteObject\""));
	buf_add(&b, STR("],\"Resource\":["));
	while (next_path(s, &rest, &path)) {
		TRY(check_name(path, c->error));
		add_below(&b, c->arena, slash, key_of(path));
	}
	buf_add(&b, STR("]},{\"Effect\":\"Allow\",\"Action\":"
			"[\"s3:ListBucket\"],\"Resource\":["));
	buf_add_json(&b, arn);
	buf_add(&b, STR("],\"Condition\":{\"StringLike\":{\"s3:prefix\":["));
	rest = wish->paths;
	while (next_path(s, &rest, &path))
		add_below(&b, c->arena, STR(""), key_of(path));
	buf_add(&b, STR("]}}}"));
	add_key_of_kms(&b, s->s3.encryption_key);
	buf_add(&b, STR("]}"));
	if (b.len > STS_POLICY_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "No credentials can be given: the table has too many or "
		    "too long places for a policy of %d characters",
		    STS_POLICY_MAX);
	*ret = buf_str(&b);
	return OK;
}

bool
vending_may_delete(const struct warehouse *w, const struct vending_wish *wish)
{
	return wish->may_write && !wish->is_shared &&
	       warehouse_lets(w, STORAGE_ENGINE_GC);
}

/* ---- sessions */
static struct str
role_of(const struct warehouse *w, const struct storage_access *s,
    struct str *ret_external_id)
{
	struct str role = { 0 };

	*ret_external_id = role;
	if (s->vending.how == VENDING_STS) {
		*ret_external_id =
		    pairs_find(s->vending.fields, STR("external_id"));
		return pairs_find(s->vending.fields, STR("role_arn"));
	}
	if (s->vending.how == VENDING_NONE && w->use_sts) {
		*ret_external_id = s->config.external_id;
		role = s->config.role;
	}
	return role;
}

/* A request that has written would wait for the permit on its thread, with a
 * permit of writes: it does without a session. */
static enum err
enter(struct call *c)
{
	struct call hasty = *c;

	if (c->usage != NULL && atomic_load(&c->usage->fate) != FATE_OPEN)
		hasty.deadline_us = clock_mono_us();
	return bulkhead_enter(&hasty, BULKHEAD_PROBE);
}

static enum err
ask_sts(struct call *c, const struct warehouse *w,
    const struct sts_request *asked, struct sts_session *ret)
{
	struct call bounded = *c;
	int64_t began;

	TRY(enter(c));
	began = clock_mono_us();
	if (bounded.deadline_us > began + STS_US)
		bounded.deadline_us = began + STS_US;

	enum err err = sts_assume_role(&bounded, asked, ret);

	if (err == ERR_UNAVAILABLE)
		sts_failures_note(
		    w->id, w->revision, c->error, began, clock_mono_us());
	return bulkhead_leave(c, BULKHEAD_PROBE, err);
}

/* Principals that may do the same get the same session: the policy says all of
 * it. */
static enum err
session_for(struct call *c, const struct warehouse *w,
    const struct storage_access *s, const struct vending_wish *wish,
    struct sts_session *ret)
{
	struct sts_request asked = { .endpoint = s->sts,
		.region = s->s3.region,
		.by = s->s3.credentials,
		.http = s->s3.http,
		.seconds = SESSION_S };

	asked.http.connections = 1;
	asked.http.any_address = s->sts_any_address;
	asked.role = role_of(w, s, &asked.external_id);
	TRY(vending_policy(c, s, asked.role, wish, vending_may_delete(w, wish),
	    &asked.policy));

	const struct session_key key = { w->id, w->revision, asked.policy };

	if (session_cache_find(
		c->arena, &key, clock_now_us() + VENDED_LEAST_US, ret))
		return OK;
	TRY(sts_failures_check(w->id, w->revision, clock_mono_us(), c->error));
	if (c->nowait)
		return usage_would_block(c, "STS is waited for.");
	/* an endpoint of its own may be another server */
	asked.at_us = s->config.sts_endpoint.ptr == NULL
			  ? s3_clients_clock_us(w->id)
			  : clock_now_us();
	TRY(ask_sts(c, w, &asked, ret));
	session_cache_put(&key, ret);
	return OK;
}

/* ---- what engines get */
static void
give(struct pairs *to, const char *name, struct str value)
{
	if (value.ptr != NULL)
		to->at[to->count++] = (struct pair){ str_from(name), value };
}

static struct pairs
config_for(struct arena *a, const struct storage_access *s,
    const struct sts_session *by)
{
	struct pairs all = { ARENA_NEW(a, struct pair, PAIRS_MAX), 0 };
	bool ends = by->expires_us != 0;

	give(&all, "client.region", s->s3.region);
	give(&all, "s3.region", s->s3.region);
	give(&all, "s3.endpoint", s->s3.endpoint);
	give(&all, "s3.path-style-access",
	    s->s3.path_style ? STR("true") : STR("false"));
	if (!s->s3.path_style && s->s3.endpoint.ptr != NULL)
		/* PyIceberg's word for it */
		give(&all, "s3.force-virtual-addressing", STR("true"));
	give(&all, "s3.access-key-id", by->credentials.access_key);
	give(&all, "s3.secret-access-key", by->credentials.secret_key);
	give(&all, "s3.session-token", by->credentials.session_token);
	if (ends)
		give(&all, "s3.session-token-expires-at-ms",
		    arena_printf(
			a, "%lld", (long long)(by->expires_us / CLOCK_MS)));
	give(&all, "s3.sse.type", s->config.encryption);
	give(&all, "s3.sse.key", s->config.encryption_key);
	return all;
}

/* One directory, or the bucket when there are several. */
static struct str
prefix_for(struct arena *a, const struct storage_access *s, struct str paths)
{
	struct str rest = paths, first = { 0 }, more;

	if (!next_path(s, &rest, &first))
		return first;
	if (next_path(s, &rest, &more))
		return arena_printf(
		    a, "s3://" STR_FMT "/", STR_ARG(s->s3.bucket));
	return arena_printf(a, "s3:" STR_FMT "/", STR_ARG(first));
}

enum err
vending_credentials(struct call *c, const struct warehouse *w,
    const struct vending_wish *wish, struct vended *ret)
{
	struct sts_session session = { 0 };
	struct storage_access s;
	struct str ignored;

	*ret = (struct vended){ 0 };
	if (!str_starts_with(w->root, STR("s3:")))
		return OK;
	TRY(warehouse_storage_access(c, w, &s));

	struct str prefix = prefix_for(c->arena, &s, wish->paths);

	if (prefix.ptr == NULL)
		return OK;
	if (s.vending.how == VENDING_STATIC) {
		session.credentials.access_key =
		    pairs_find(s.vending.fields, STR("access_key_id"));
		session.credentials.secret_key =
		    pairs_find(s.vending.fields, STR("secret_access_key"));
	} else if (role_of(w, &s, &ignored).ptr != NULL) {
		TRY(session_for(c, w, &s, wish, &session));
	} else {
		return OK;
	}
	*ret = (struct vended){ prefix, config_for(c->arena, &s, &session) };
	return OK;
}

enum err
vending_place(struct call *c, const struct warehouse *w,
    const struct vending_wish *wish, struct vended *ret)
{
	const struct sts_session nobody = { 0 };
	struct storage_access s;

	*ret = (struct vended){ 0 };
	if (!str_starts_with(w->root, STR("s3:")))
		return OK;
	TRY(warehouse_storage_access(c, w, &s));
	ret->prefix = prefix_for(c->arena, &s, wish->paths);
	if (ret->prefix.ptr != NULL)
		ret->config = config_for(c->arena, &s, &nobody);
	return OK;
}
