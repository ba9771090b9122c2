/* upkeep.c - fold(), prune() and erase(): the bulk work on logs. */
#include "base/clock.h"
#include "calls.h"
#include "plugins/contract/check.h"
#include "plugins/contract/value.h"
#include "rows.h"

/* ---- fold(): pages of all links are merged by key; what the first link that
 * has a key shows is inserted where position 0 has none */

static const struct order by_key = { { ENTRY_SPACE, ENTRY_NS, ENTRY_NAME }, 3 };

struct fold {
	struct chain chain;
	int64_t to;
	struct key after;
	uint32_t limit;
};

/* The keys of one link, and what it shows of them. */
struct page {
	struct rows entries;
	struct version *shows;
	size_t next;
};

static enum err
read_page(
    struct engine *g, struct point link, const struct fold *f, struct page *ret)
{
	const struct test of_branch = { ENTRY_BRANCH, TEST_EQ,
		of_int(link.branch) };
	const struct scan scan = { .index = INDEX_KEY,
		.limit = f->limit,
		.where = &of_branch,
		.where_count = 1 };
	struct value behind[ENTRY_FIELDS];

	entry_to_key(link.branch, &f->after, behind);
	TRY(g->ops->scan(g, ROWLOG_ENTRIES, &scan, behind, &ret->entries));
	ret->shows = ARENA_NEW(g->arena, struct version, ret->entries.count);
	ret->next = 0;
	return mongo_versions_of(g, link, &ret->entries, ret->shows);
}

/* The next key of all pages, and what the chain shows of it; NULL: no key. */
static const struct version *
next_shown(struct page *pages, size_t count)
{
	const struct value *first = NULL;
	const struct version *shown = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct page *p = &pages[i];

		if (p->next < p->entries.count &&
		    (first == NULL || order_compare(&by_key, by_key.count,
					  p->entries.row[p->next], first) < 0))
			first = p->entries.row[p->next];
	}
	if (first == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct page *p = &pages[i];

		if (p->next == p->entries.count ||
		    order_compare(&by_key, by_key.count,
			p->entries.row[p->next], first) != 0)
			continue;
		if (shown == NULL || shown->kind == 0)
			shown = &p->shows[p->next];
		p->next++;
	}
	return shown;
}

/* Old chains go on to read the base image of keys that the branch changed
 * itself; only where it did not is the image its newest version. */
static enum err
add_base(struct bulk *versions, struct bulk *entries, int64_t to,
    const struct version *v)
{
	struct value row[VERSION_FIELDS], entry[ENTRY_FIELDS];

	version_to_row(v, (struct point){ to, 0 }, row);
	entry_to_key(to, &v->key, entry);
	entry[ENTRY_SEQ] = row[VERSION_SEQ];
	entry[ENTRY_DELETED] = row[VERSION_DELETED];
	TRY(bulk_add_missing(versions, ROWLOG_VERSIONS, row));
	return bulk_add_missing(entries, ROWLOG_ENTRIES, entry);
}

static enum err
fold_work(struct engine *g, void *arg, bool *ret_keep)
{
	struct fold *f = arg;
	struct page *pages = ARENA_NEW(g->arena, struct page, f->chain.count);
	BULK versions = bulk_of(g, "update", "updates", ROWLOG_VERSIONS);
	BULK entries = bulk_of(g, "update", "updates", ROWLOG_ENTRIES);
	struct key last = { .name = STR("") };

	for (size_t i = 0; i < f->chain.count; i++)
		TRY(read_page(g, f->chain.link[i], f, &pages[i]));
	for (uint32_t i = 0; i < f->limit; i++) {
		const struct version *v = next_shown(pages, f->chain.count);

		if (v == NULL) {
			last = (struct key){ .name = STR("") };
			break;
		}
		last = v->key;
		if (v->kind != 0)
			TRY(add_base(&versions, &entries, f->to, v));
	}
	TRY(bulk_flush(&versions));
	TRY(bulk_flush(&entries));
	f->after = last;
	*ret_keep = true;
	return OK;
}

enum err
mongo_fold(struct call *c, struct chain chain, int64_t to, struct key *io_after,
    uint32_t limit)
{
	struct fold f = { chain, to, *io_after, limit };

	TRY(check_fold(&chain, to, limit, c->error));
	TRY(transact(c, fold_work, &f));
	*io_after = f.after;
	return OK;
}

/* ---- prune() */

struct prune {
	struct point above;
	const int64_t *pins;
	size_t count;
	uint32_t limit;
	struct versions dropped;
};

static enum err
prune_work(struct engine *g, void *arg, bool *ret_keep)
{
	struct prune *p = arg;
	struct point above = p->above;

	TRY(rowlog_prune(g, &above, p->pins, p->count, p->limit, &p->dropped));
	p->above = above;
	*ret_keep = true;
	return OK;
}

enum err
mongo_prune(struct call *c, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	struct prune p = { *io_above, pins, count, limit, { 0 } };

	TRY(check_prune(*io_above, pins, count, limit, c->error));
	TRY(transact(c, prune_work, &p));
	*io_above = p.above;
	*ret = p.dropped;
	return OK;
}

/* ---- erase() */

struct erase {
	struct point above;
	struct id object;
	bool live;
	uint32_t limit;
	struct versions erased;
};

static enum err
erase_work(struct engine *g, void *arg, bool *ret_keep)
{
	struct erase *e = arg;
	struct point above = e->above;

	TRY(rowlog_erase(g, &above, e->object, e->live, e->limit, &e->erased));
	e->above = above;
	*ret_keep = true;
	return OK;
}

enum err
mongo_erase(struct call *c, struct point *io_above, struct id object, bool live,
    uint32_t limit, struct versions *ret)
{
	struct erase e = { *io_above, object, live, limit, { 0 } };

	TRY(check_erase(*io_above, object, limit, c->error));
	TRY(transact(c, erase_work, &e));
	*io_above = e.above;
	*ret = e.erased;
	return OK;
}
