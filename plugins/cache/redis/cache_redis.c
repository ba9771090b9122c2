/*
 * cache_redis.c - caches values in a Redis server, which several nodes may
 * share.
 *
 * A drop is lost while the server cannot be reached, so it holds only values
 * that never change.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "links.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define HIREDIS_VERSION                                                        \
	TEXT(HIREDIS_MAJOR) "." TEXT(HIREDIS_MINOR) "." TEXT(HIREDIS_PATCH)

struct redis {
	struct cache base; /* first: a struct cache * is this struct */
	struct arena *arena;
	struct links links;
};

static struct redis *
redis_of(struct cache *c)
{
	return (struct redis *)c;
}

/* ---- parent */
static enum err
redis_shared_size(const struct plugin_settings *settings, unsigned workers,
    size_t *ret, struct error *e)
{
	struct arena *a = arena_new();
	struct target ignored;
	enum err err = target_of(a, settings, &ignored, e);

	(void)workers;
	arena_free(a);
	if (err == OK)
		*ret = 0;
	return err;
}

static void
redis_shared_init(
    const struct plugin_settings *settings, const struct cache_shared *shared)
{
	(void)settings;
	(void)shared;
}

/* ---- worker */
static enum err redis_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e);

static void
redis_close(struct cache *c)
{
	struct redis *r = redis_of(c);

	links_clear(&r->links);
	arena_free(r->arena);
	free(r);
}

/* The key as the server knows it. */
struct name {
	char text[PREFIX_MAX + CACHE_KEY_MAX];
	size_t len;
};

static struct str
name_of(const struct redis *r, struct str key, struct name *room)
{
	struct str prefix = r->links.target.prefix;

	if (prefix.len != 0)
		memcpy(room->text, prefix.ptr, prefix.len);
	if (key.len != 0)
		memcpy(room->text + prefix.len, key.ptr, key.len);
	return (struct str){ room->text, prefix.len + key.len };
}

static void
take_value(
    struct arena *a, const struct answers *answers, struct cache_found *ret)
{
	const redisReply *value = answers->at[0], *left = answers->at[1];

	if (value->type != REDIS_REPLY_STRING ||
	    left->type != REDIS_REPLY_INTEGER)
		return;
	if (left->integer == -1)
		ret->ttl_us = CACHE_FOREVER;
	else if (left->integer > 0)
		ret->ttl_us = left->integer * CLOCK_MS;
	else
		return; /* gone between the two */
	ret->value = arena_copy(a, (struct str){ value->str, value->len });
}

static enum err
redis_get(
    struct cache *c, struct arena *a, struct str key, struct cache_found *ret)
{
	struct redis *r = redis_of(c);
	struct command command[2] = { 0 };
	struct answers answers;
	struct name room;
	struct str name = name_of(r, key, &room);

	command_add(&command[0], STR("GET"));
	command_add(&command[0], name);
	command_add(&command[1], STR("PTTL"));
	command_add(&command[1], name);
	if (!links_ask(&r->links, command, 2, &answers))
		return ERR_UNAVAILABLE;
	take_value(a, &answers, ret);
	answers_clear(&answers);
	return OK;
}

static void
redis_unpin(struct cache *c, uint64_t pin)
{
	(void)c;
	(void)pin; /* values are copies: nothing was pinned */
}

/* Whatever it answers, unless it is an error. */
static enum err
tell(struct redis *r, const struct command *command)
{
	struct answers answers;

	if (!links_ask(&r->links, command, 1, &answers))
		return ERR_UNAVAILABLE;
	answers_clear(&answers);
	return OK;
}

static enum err
redis_drop(struct cache *c, struct str key)
{
	struct redis *r = redis_of(c);
	struct command command = { 0 };
	struct name room;

	command_add(&command, STR("DEL"));
	command_add(&command, name_of(r, key, &room));
	return tell(r, &command);
}

static enum err
redis_put(struct cache *c, struct str key, struct str value,
    const struct cache_terms *terms)
{
	struct redis *r = redis_of(c);
	struct command command = { 0 };
	struct name room;
	char left[24];

	if (terms->ttl_us < CLOCK_MS)
		return redis_drop(c, key); /* it counts in milliseconds */
	command_add(&command, STR("SET"));
	command_add(&command, name_of(r, key, &room));
	command_add(&command, value);
	if (terms->ttl_us != CACHE_FOREVER) {
		(void)snprintf(
		    left, sizeof(left), "%" PRId64, terms->ttl_us / CLOCK_MS);
		command_add(&command, STR("PX"));
		command_add(&command, str_from(left));
	}
	return tell(r, &command);
}

/* ---- clear */

/* Deletes one page of keys, and answers the cursor of the next. */
static const char clear_page[] =
    "local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], "
    "'COUNT', 1000) "
    "for _, key in ipairs(page[2]) do redis.call('UNLINK', key) end "
    "return page[1]";

/* All keys that begin with the prefix, as a pattern of SCAN. */
static struct str
pattern_of(struct str prefix, char room[2 * PREFIX_MAX + 1])
{
	size_t len = 0;

	for (size_t i = 0; i < prefix.len; i++) {
		if (strchr("*?[]\\", prefix.ptr[i]) != NULL)
			room[len++] = '\\';
		room[len++] = prefix.ptr[i];
	}
	room[len++] = '*';
	return (struct str){ room, len };
}

static enum err
redis_clear(struct cache *c, int64_t deadline_us)
{
	struct redis *r = redis_of(c);
	char room[2 * PREFIX_MAX + 1], cursor[24] = "0";
	struct str pattern = pattern_of(r->links.target.prefix, room);

	do {
		struct command command = { 0 };
		struct answers answers;

		command_add(&command, STR("EVAL"));
		command_add(&command, str_from(clear_page));
		command_add(&command, STR("0"));
		command_add(&command, str_from(cursor));
		command_add(&command, pattern);
		if (clock_mono_us() > deadline_us ||
		    !links_ask(&r->links, &command, 1, &answers))
			return ERR_UNAVAILABLE;
		(void)snprintf(cursor, sizeof(cursor), "%s",
		    answers.at[0]->type == REDIS_REPLY_STRING
			? answers.at[0]->str
			: "0");
		answers_clear(&answers);
	} while (strcmp(cursor, "0") != 0);
	return OK;
}

/* ---- what it holds */

/* A line "name:number" of INFO; 0: there is none. */
static int64_t
info_number(const redisReply *info, struct str name)
{
	struct str rest = { info->str, info->len };
	int64_t n = 0;

	while (info->type == REDIS_REPLY_STRING && rest.ptr != NULL) {
		struct str line = str_cut(&rest, '\n');

		if (str_starts_with(line, name) && line.len > name.len + 1 &&
		    line.ptr[name.len] == ':' &&
		    str_to_int((struct str){ line.ptr + name.len + 1,
				   line.len - name.len - 2 },
			&n))
			return n;
	}
	return 0;
}

static enum err
redis_stats(struct cache *c, struct cache_stats *ret)
{
	struct redis *r = redis_of(c);
	struct command command[COMMANDS_MAX] = { 0 };
	struct answers answers;

	command_add(&command[0], STR("DBSIZE"));
	command_add(&command[1], STR("INFO"));
	command_add(&command[1], STR("memory"));
	command_add(&command[2], STR("INFO"));
	command_add(&command[2], STR("stats"));
	if (!links_ask(&r->links, command, COMMANDS_MAX, &answers))
		return ERR_UNAVAILABLE;
	*ret = (struct cache_stats){
		.entries = answers.at[0]->integer,
		.bytes = info_number(answers.at[1], STR("used_memory")),
		.max_bytes = info_number(answers.at[1], STR("maxmemory")),
		.evictions = info_number(answers.at[2], STR("evicted_keys")),
	};
	answers_clear(&answers);
	return OK;
}

static enum err
redis_verify(struct cache *c, struct error *e)
{
	struct command command = { 0 };

	command_add(&command, STR("PING"));
	return tell(redis_of(c), &command) == OK
		   ? OK
		   : fail(e, ERR_UNAVAILABLE, "The server does not answer.");
}

static const struct cache_ops ops = {
	.shared_size = redis_shared_size,
	.shared_init = redis_shared_init,
	.open = redis_open,
	.close = redis_close,
	.get = redis_get,
	.unpin = redis_unpin,
	.put = redis_put,
	.drop = redis_drop,
	.clear = redis_clear,
	.stats = redis_stats,
	.verify = redis_verify,
};

/* Nobody connects here: a server that is away is a miss, not a start that
 * fails. */
static enum err
redis_open(const struct plugin_settings *settings,
    const struct cache_shared *shared, unsigned worker, struct cache **ret,
    struct error *e)
{
	struct redis *r = calloc(1, sizeof(*r));
	struct target target;

	(void)shared;
	(void)worker;
	if (r == NULL)
		return fail(e, ERR_UNAVAILABLE, "The cache has no memory.");
	r->base.ops = &ops;
	r->arena = arena_new();

	enum err err = target_of(r->arena, settings, &target, e);

	if (err != OK) {
		arena_free(r->arena);
		free(r);
		return err;
	}
	links_init(&r->links, &target);
	*ret = &r->base;
	return OK;
}

PLUGIN_EXPORT const struct plugin *
pangolin_plugin(void)
{
	static const struct plugin_option options[] = {
		[OPTION_URL] = { "url", "redis://127.0.0.1:6379/0", true,
		    "The server, as redis://[[USER]:PASSWORD@]HOST[:PORT]"
		    "[/DATABASE] or unix:PATH." },
		[OPTION_PREFIX] = { "prefix", "pangolin:", false,
		    "Before each key." },
		[OPTION_TIMEOUT] = { "timeout", "50ms", false,
		    "To connect, and for each answer." },
		[OPTION_COUNT] = { NULL, NULL, false, NULL },
	};
	static const char *const libraries[] = { "hiredis " HIREDIS_VERSION,
		NULL };
	static const struct plugin self = {
		.abi = PLUGIN_ABI,
		.kind = PLUGIN_CACHE,
		.ops_size = sizeof(ops),
		.name = "redis",
		.about = "In a Redis server that nodes share.",
		.libraries = libraries,
		.ops = &ops,
		.options = options,
	};

	return &self;
}
