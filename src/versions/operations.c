/*
 * operations.c - commits that follow each other on a branch are read together:
 * their versions in one call, and what their keys showed before the first of
 * them in another.
 */
#include "versions/operations.h"

#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/branch.h"

#define RUN_COMMITS 16
#define READ_KEYS 500
#define PAGE_VERSIONS 10000 /* then the page ends */

/* Commits at positions first .. last of a branch. */
struct run {
	struct call *call;
	struct commit *newest; /* the others follow it */
	size_t count;
	struct point first;
	struct version *made; /* in log order */
	size_t made_count, made_room;
	struct key *keys; /* each once */
	size_t key_count;
	struct version *last; /* what each key showed last */
	struct str_map index; /* of keys, into `last` */
};

bool
version_is_shown(const struct version *v)
{
	return v->kind == KIND_NAMESPACE || v->kind == KIND_TABLE ||
	       v->kind == KIND_VIEW;
}

static size_t
run_length(const struct commit *c, size_t count)
{
	size_t n = 1;

	while (n < count && n < RUN_COMMITS &&
	       c[n].at.branch == c[0].at.branch &&
	       c[n].at.seq == c[n - 1].at.seq - 1)
		n++;
	return n;
}

static enum err
read_made(struct run *run)
{
	struct point above = { run->first.branch, run->first.seq - 1 };
	struct arena *a = run->call->arena;
	struct versions some = { .more = true };

	while (some.more) {
		TRY(store_changes(run->call, above, run->newest->at.seq,
		    PAGE_VERSIONS, &some));
		LIST_RESERVE(
		    a, run->made, run->made_count, run->made_room, some.count);
		for (size_t i = 0; i < some.count; i++)
			if (version_is_shown(&some.at[i]))
				run->made[run->made_count++] = some.at[i];
		if (some.count == 0)
			break;
		above.seq = some.at[some.count - 1].at.seq;
		TRY(arena_check(a, run->call->error));
	}
	return OK;
}

static struct str
text_of(struct arena *a, const struct key *k)
{
	return arena_printf(a, "%d" STR_FMT "\x1e" STR_FMT, (int)k->space,
	    STR_ARG(k->ns), STR_ARG(k->name));
}

static enum err
read_before(struct run *run, const struct catalog *catalog)
{
	const struct point before = { run->first.branch, run->first.seq - 1 };
	struct arena *a = run->call->arena;
	struct chain chain;

	run->index = str_map_in(a);
	run->keys = ARENA_NEW(a, struct key, run->made_count + 1);
	run->last = ARENA_NEW(a, struct version, run->made_count + 1);
	for (size_t i = 0; i < run->made_count; i++) {
		void **slot =
		    str_map_slot(&run->index, text_of(a, &run->made[i].key));

		if (*slot != NULL)
			continue;
		*slot = &run->last[run->key_count];
		run->keys[run->key_count++] = run->made[i].key;
	}
	TRY(chain_of(run->call, catalog, before, &chain));
	for (size_t i = 0; i < run->key_count; i += READ_KEYS) {
		size_t left = run->key_count - i;

		TRY(store_read(run->call, chain, &run->keys[i],
		    left < READ_KEYS ? left : READ_KEYS, &run->last[i]));
		TRY(arena_check(a, run->call->error));
	}
	return OK;
}

static void
add_operation(struct run *run, struct commit *c, const struct version *v)
{
	struct arena *a = run->call->arena;
	struct version *last = str_map_find(&run->index, text_of(a, &v->key));

	if (c->shown < OPERATIONS_SHOWN)
		c->operations[c->shown++] =
		    (struct commit_operation){ *v, *last };
	c->operation_count++;
	*last = *v;
}

/* From the oldest commit on: what one made is what the next one finds. */
static void
tell(struct run *run)
{
	size_t i = 0;

	for (size_t n = run->count; n-- > 0;) {
		struct commit *c = &run->newest[n];
		size_t end = i;

		while (
		    end < run->made_count && run->made[end].at.seq == c->at.seq)
			end++;
		c->operations =
		    ARENA_NEW(run->call->arena, struct commit_operation,
			end - i < OPERATIONS_SHOWN ? end - i + 1
						   : OPERATIONS_SHOWN);
		for (; i < end; i++)
			add_operation(run, c, &run->made[i]);
	}
}

enum err
operations_find(struct call *c, const struct catalog *catalog,
    struct commit *commits, size_t count, size_t *ret_done)
{
	size_t done = 0, versions = 0;

	while (done < count && versions < PAGE_VERSIONS) {
		struct run run = { .call = c,
			.newest = &commits[done],
			.count = run_length(&commits[done], count - done) };

		run.first = run.newest[run.count - 1].at;
		TRY(read_made(&run));
		TRY(read_before(&run, catalog));
		tell(&run);
		versions += run.made_count;
		done += run.count;
	}
	*ret_done = done;
	return OK;
}
