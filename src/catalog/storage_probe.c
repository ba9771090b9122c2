#include "catalog/storage_probe.h"

#include "base/clock.h"
#include "calls/bulkheads.h"
#include "object/s3_request.h"

#define PROBE_US (10 * CLOCK_SECOND)
#define BODY STR("pangolin tries whether this bucket can be used\n")
#define READ_MAX 4096

static const struct {
	const char *name, *right;
} steps[PROBE_STEPS] = {
	[PROBE_PUT] = { "put", "s3:PutObject" },
	[PROBE_GET] = { "get", "s3:GetObject" },
	[PROBE_LIST] = { "list", "s3:ListBucket" },
	[PROBE_DELETE] = { "delete", "s3:DeleteObject" },
};

struct probing {
	struct call call; /* with its own deadline and error */
	struct error error;
	struct s3_client *client;
	struct str key;
	struct storage_probe result;
};

const char *
probe_step_name(enum probe_step step)
{
	return steps[step].name;
}

static struct str
key_below(struct arena *a, struct str prefix)
{
	char id[ID_TEXT];

	id_format(id_v4(), id);
	return arena_printf(a, STR_FMT "%s.pangolin-probe-%s", STR_ARG(prefix),
	    prefix.len != 0 ? "/" : "", id);
}

/* ---- steps */
static enum err
put(struct probing *p)
{
	return s3_put(p->client, &p->call, p->key, BODY);
}

static enum err
get(struct probing *p)
{
	const struct s3_range all = { 0, 0 };
	struct str got;

	TRY(s3_get(p->client, &p->call, p->key, all, READ_MAX, &got));
	if (str_eq(got, BODY))
		return OK;
	return fail(
	    &p->error, ERR_UNAVAILABLE, "what was read is not what was put");
}

static enum err
list(struct probing *p)
{
	struct str none = { 0 };
	struct s3_page page;

	TRY(s3_list(p->client, &p->call, p->key, none, 1, &page));
	if (page.count == 1 && str_eq(page.at[0].key, p->key))
		return OK;
	return fail(
	    &p->error, ERR_UNAVAILABLE, "the list has not what was put");
}

static enum err delete (struct probing *p) {
	return s3_delete(p->client, &p->call, p->key);
}

static enum err (*const calls[PROBE_STEPS])(struct probing *) = {
	[PROBE_PUT] = put,
	[PROBE_GET] = get,
	[PROBE_LIST] = list,
	[PROBE_DELETE] = delete,
};

static void
try_step(struct probing *p, enum probe_step step)
{
	struct probed *done = &p->result.step[step];

	done->tried = true;
	done->ok = calls[step](p) == OK;
	if (!done->ok)
		done->why =
		    arena_copy(p->call.arena, str_from(p->error.message));
}

/* A header that makes a put a copy is added outside the signature, as a client
 * could do whose put was signed for it (remote_sign.h).  No answer proves
 * nothing. */
static bool
keeps_to_signed_headers(struct probing *p)
{
	const struct s3_range all = { 0, 0 };
	struct arena *a = p->call.arena;
	struct str bucket = s3_bucket(p->client), got;
	struct pair source = { STR("x-amz-copy-source"),
		arena_printf(a, "/" STR_FMT "/" STR_FMT, STR_ARG(bucket),
		    STR_ARG(p->key)) };
	const struct s3_request r = { .method = "PUT",
		.key = arena_printf(a, STR_FMT "-copy", STR_ARG(p->key)),
		.unsigned_headers = { &source, 1 },
		.body = STR(""),
		.most = READ_MAX,
		.once = true };
	struct s3_exchange x;
	bool copied;

	if (s3_ask(p->client, &p->call, &r, &x) != OK || x.status == 0)
		return false;
	if (x.status >= 400 && x.status < 500)
		return true;
	copied =
	    s3_get(p->client, &p->call, r.key, all, READ_MAX, &got) != OK ||
	    str_eq(got, BODY);
	return s3_delete(p->client, &p->call, r.key) == OK && !copied;
}

/* Without a put there is nothing to read or delete. */
static void
try_steps(struct probing *p)
{
	try_step(p, PROBE_PUT);
	if (p->result.step[PROBE_PUT].ok) {
		try_step(p, PROBE_GET);
		p->result.conditional = s3_create(p->client, &p->call, p->key,
					    BODY) == ERR_ALREADY_EXISTS;
		p->result.signed_headers_only = keeps_to_signed_headers(p);
		try_step(p, PROBE_LIST);
		try_step(p, PROBE_DELETE);
	}
}

static enum err
probe(struct call *c, const struct s3_settings *settings, struct str prefix,
    struct storage_probe *ret)
{
	int64_t until = clock_mono_us() + PROBE_US;
	struct probing p = { .call = *c, .key = key_below(c->arena, prefix) };

	TRY(s3_client_open(settings, &p.client, c->error));
	p.call.error = &p.error;
	if (p.call.deadline_us > until)
		p.call.deadline_us = until;
	try_steps(&p);
	s3_client_close(p.client);
	*ret = p.result;
	return arena_check(c->arena, c->error);
}

enum err
storage_probe_s3(struct call *c, const struct s3_settings *settings,
    struct str prefix, struct storage_probe *ret)
{
	if (c->nowait)
		return usage_would_block(c, "An object store is waited for.");
	TRY(bulkhead_enter(c, BULKHEAD_PROBE));
	return bulkhead_leave(
	    c, BULKHEAD_PROBE, probe(c, settings, prefix, ret));
}

struct storage_probe
storage_probe_of(enum err err, struct str why)
{
	struct storage_probe result = { .conditional = err == OK,
		.signed_headers_only = err == OK };

	for (size_t i = 0; i < PROBE_STEPS; i++)
		result.step[i] = (struct probed){ true, err == OK,
			err == OK ? (struct str){ 0 } : why };
	return result;
}

enum err
storage_probe_check(const struct storage_probe *result, struct error *e)
{
	for (size_t i = 0; i < PROBE_STEPS; i++)
		if (!result->step[i].ok)
			return fail(e, ERR_BAD_REQUEST,
			    "storage_config: the bucket cannot be used, %s "
			    "(%s) fails: " STR_FMT,
			    steps[i].name, steps[i].right,
			    STR_ARG(result->step[i].why));
	return OK;
}
