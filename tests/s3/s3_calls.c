/*
 * s3_calls.c - runs calls of object/s3_client.h for a test: each line of
 * standard input is a JSON object that names one, each line of standard output
 * says what came of it.  The settings are arguments: endpoint, bucket, access
 * key, secret key, connections, seconds of silence, "path" or "host" (or
 * "public": path, and no address of this machine), and the file of
 * certificates, if one is to be used.
 */
#include "object/s3_client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/amount.h"
#include "base/hash.h"
#include "object/s3_deletion.h"

#define THREADS_MAX 32
#define SHOWN_MAX ((size_t)1 << 20)

static struct s3_client *client;

static const char *const err_names[] = {
	"OK",
#define X(name, http, type) #name,
#include "base/errors.def"
#undef X
};

static struct call
call_in(struct arena *a, struct error *e, yyjson_val *asked)
{
	yyjson_val *ms = json_member(asked, STR("ms"));

	return (struct call){
		.arena = a,
		.error = e,
		.deadline_us =
		    clock_mono_us() +
		    (ms != NULL ? yyjson_get_sint(ms) : 30000) * CLOCK_MS,
	};
}

static int64_t
number(yyjson_val *asked, const char *name, int64_t otherwise)
{
	yyjson_val *v = json_member(asked, str_from(name));

	return v != NULL ? yyjson_get_sint(v) : otherwise;
}

static struct str
text(yyjson_val *asked, const char *name)
{
	return json_str(json_member(asked, str_from(name)));
}

/* The member `body`, or so many bytes as `size` says. */
static struct str
bytes(struct arena *a, yyjson_val *asked)
{
	struct str body = text(asked, "body");
	size_t size = (size_t)number(asked, "size", 0);
	char *made;

	if (body.ptr != NULL)
		return body;
	made = ARENA_NEW(a, char, size + 1);
	for (size_t i = 0; i < size; i++)
		made[i] = (char)(i % 251);
	return (struct str){ made, size };
}

static void
add(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":", name);
	if (value.ptr != NULL)
		buf_add_json(b, value);
	else
		buf_add(b, STR("null"));
}

static void
add_number(struct buf *b, const char *name, int64_t n)
{
	buf_printf(b, ",\"%s\":%lld", name, (long long)n);
}

/* ---- calls */
struct sum {
	uint64_t hash;
	int64_t size, parts;
};

static void
add_hash(struct call *c, struct buf *b, uint64_t hash)
{
	add(b, "hash",
	    arena_printf(c->arena, "%016llx", (unsigned long long)hash));
}

static enum err
do_get(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct s3_range range = { number(asked, "from", 0),
		number(asked, "count", 0) };
	struct str got;

	TRY(s3_get(client, c, text(asked, "key"), range,
	    (size_t)number(asked, "most", GIB), &got));
	add_number(b, "size", (int64_t)got.len);
	add_hash(c, b, hash_add(HASH_START, got.ptr, got.len));
	add(b, "body",
	    got.len <= SHOWN_MAX && str_is_utf8(got) ? got : (struct str){ 0 });
	return OK;
}

static enum err
add_part(void *with, struct str part)
{
	struct sum *sum = with;

	sum->hash = hash_add(sum->hash, part.ptr, part.len);
	sum->size += (int64_t)part.len;
	sum->parts++;
	return OK;
}

static enum err
do_get_parts(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct sum sum = { .hash = HASH_START };

	TRY(s3_get_parts(client, c, text(asked, "key"), add_part, &sum));
	add_number(b, "size", sum.size);
	add_number(b, "parts", sum.parts);
	add_hash(c, b, sum.hash);
	return OK;
}

static enum err
do_head(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct s3_head head;

	TRY(s3_head(client, c, text(asked, "key"), &head));
	add_number(b, "size", head.size);
	add(b, "etag", head.etag);
	return OK;
}

static enum err
do_put(struct call *c, yyjson_val *asked, struct buf *b)
{
	(void)b;
	return s3_put(client, c, text(asked, "key"), bytes(c->arena, asked));
}

static enum err
do_create(struct call *c, yyjson_val *asked, struct buf *b)
{
	(void)b;
	return s3_create(client, c, text(asked, "key"), bytes(c->arena, asked));
}

static enum err
do_delete(struct call *c, yyjson_val *asked, struct buf *b)
{
	(void)b;
	return s3_delete(client, c, text(asked, "key"));
}

static enum err
do_delete_many(struct call *c, yyjson_val *asked, struct buf *b)
{
	yyjson_val *list = json_member(asked, STR("keys")), *key;
	struct str *keys =
	    ARENA_NEW(c->arena, struct str, yyjson_arr_size(list) + 1);
	size_t i, n;

	(void)b;
	yyjson_arr_foreach(list, i, n, key) keys[i] = json_str(key);
	return s3_delete_many(client, c, keys, yyjson_arr_size(list));
}

static enum err
do_list(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct s3_page page;

	TRY(s3_list(client, c, text(asked, "prefix"), text(asked, "after"),
	    (size_t)number(asked, "limit", 0), &page));
	add(b, "next", page.next);
	buf_add(b, STR(",\"keys\":["));
	for (size_t i = 0; i < page.count; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		buf_add_json(b, page.at[i].key);
	}
	buf_add_char(b, ']');
	if (page.count != 0) {
		add_number(b, "size", page.at[0].size);
		add_number(b, "age_s",
		    (clock_now_us() - page.at[0].modified_us) / CLOCK_SECOND);
	}
	return OK;
}

static enum err
do_presign(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct str url;

	TRY(s3_presign(client, c, arena_cstr(c->arena, text(asked, "method")),
	    text(asked, "key"), number(asked, "seconds", 60), &url));
	add(b, "url", url);
	return OK;
}

static enum err
do_counts(struct call *c, yyjson_val *asked, struct buf *b)
{
	struct s3_counts n = s3_counts(client);

	(void)c;
	(void)asked;
	add_number(b, "requests", n.requests);
	add_number(b, "connections", n.connections);
	return OK;
}

/* ---- calls of several threads at once */
struct one {
	pthread_t thread;
	pthread_barrier_t *gate;
	yyjson_val *asked;
	int number, of;
	enum err err;
	struct error error;
};

/* All create the same key, each with other bytes. */
static void *
race_one(void *at)
{
	struct one *o = at;
	struct arena *a = arena_new();
	struct call c = call_in(a, &o->error, o->asked);

	(void)pthread_barrier_wait(o->gate);
	o->err = s3_create(client, &c, text(o->asked, "key"),
	    number(o->asked, "size", 0) != 0
		? bytes(a, o->asked)
		: arena_printf(a, "%d", o->number));
	arena_free(a);
	return NULL;
}

/* Each puts its share of the keys. */
static void *
fill_one(void *at)
{
	struct one *o = at;
	struct arena *a = arena_new();
	int64_t count = number(o->asked, "count", 0);

	(void)pthread_barrier_wait(o->gate);
	for (int64_t i = o->number; i < count && o->err == OK; i += o->of) {
		struct call c = call_in(a, &o->error, o->asked);

		o->err = s3_put(client, &c,
		    arena_printf(a, STR_FMT "%05lld",
			STR_ARG(text(o->asked, "prefix")), (long long)i),
		    STR("x"));
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static enum err
run_threads(
    struct call *c, yyjson_val *asked, struct buf *b, void *(*run)(void *))
{
	int n = (int)number(asked, "threads", 16), won = 0;
	struct one *all = ARENA_NEW(c->arena, struct one, THREADS_MAX);
	pthread_barrier_t gate;
	enum err err = OK;

	(void)pthread_barrier_init(&gate, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		all[i].gate = &gate;
		all[i].asked = asked;
		all[i].number = i;
		all[i].of = n;
		if (pthread_create(&all[i].thread, NULL, run, &all[i]) != 0)
			abort();
	}
	for (int i = 0; i < n; i++) {
		(void)pthread_join(all[i].thread, NULL);
		won += all[i].err == OK;
		if (all[i].err != OK && all[i].err != ERR_ALREADY_EXISTS) {
			err = all[i].err;
			*c->error = all[i].error;
		}
	}
	(void)pthread_barrier_destroy(&gate);
	add_number(b, "won", won);
	return err;
}

static enum err
do_race(struct call *c, yyjson_val *asked, struct buf *b)
{
	return run_threads(c, asked, b, race_one);
}

static enum err
do_fill(struct call *c, yyjson_val *asked, struct buf *b)
{
	return run_threads(c, asked, b, fill_one);
}

/* ---- lines */
static const struct {
	const char *name;
	enum err (*run)(struct call *, yyjson_val *, struct buf *);
} calls[] = {
	{ "get", do_get },
	{ "get_parts", do_get_parts },
	{ "head", do_head },
	{ "put", do_put },
	{ "create", do_create },
	{ "delete", do_delete },
	{ "delete_many", do_delete_many },
	{ "list", do_list },
	{ "presign", do_presign },
	{ "counts", do_counts },
	{ "race", do_race },
	{ "fill", do_fill },
};

static void
answer(struct arena *a, struct str line)
{
	struct error e = { 0 };
	struct buf b = buf_in(a);
	yyjson_val *asked;
	enum err err = ERR_INTERNAL;

	if (json_parse(a, line, &asked, &e) != OK)
		abort();

	struct call c = call_in(a, &e, asked);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (str_eq(text(asked, "do"), str_from(calls[i].name)))
			err = calls[i].run(&c, asked, &b);
	(void)printf(
	    "{\"err\":\"%s\"" STR_FMT, err_names[err], STR_ARG(buf_str(&b)));
	b = buf_in(a);
	add(&b, "message", str_from(err != OK ? e.message : ""));
	(void)printf(STR_FMT "}\n", STR_ARG(buf_str(&b)));
	(void)fflush(stdout);
}

static void
open_client(char **given)
{
	struct network loopback[2];
	struct error e = { 0 };
	const struct s3_settings s = {
		.endpoint = str_from(given[1]),
		.region = STR("us-east-1"),
		.bucket = str_from(given[2]),
		.credentials = { str_from(given[3]), str_from(given[4]),
		    { 0 } },
		.silence_us = atoi(given[6]) * CLOCK_SECOND,
		.path_style = strcmp(given[7], "host") != 0,
		.http = { .connections = (unsigned)atoi(given[5]),
		    .ca_file = str_from(given[8]),
		    .networks = { loopback,
			strcmp(given[7], "public") == 0 ? 0 : 2 } },
	};

	if (network_parse(STR("127.0.0.0/8"), &loopback[0]) &&
	    network_parse(STR("::1"), &loopback[1]) &&
	    s3_client_open(&s, &client, &e) == OK)
		return;
	(void)fprintf(stderr, "%s\n", e.message);
	exit(1);
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (argc < 8)
		return 2;
	open_client(argv);
	while ((n = getline(&line, &room, stdin)) > 0) {
		struct arena *a = arena_new();

		answer(a, (struct str){ line, (size_t)n });
		arena_free(a);
	}
	free(line);
	s3_client_close(client);
	return 0;
}
