/* steps.c - random changes, made to both sides. */
#include <stdio.h>

#include "calls/store_call.h"
#include "identity/tenants.h"
#include "model.h"
#include "record/value.h"
#include "versions/tags.h"

static const struct ref_author author = { .name = STR_INIT("model") };

static void
new_name(char ret[NAME_ROOM], const char *kind)
{
	(void)snprintf(ret, NAME_ROOM, "%s%d", kind, ++m.numbers);
}

/* ---- writes */
static struct branch
open_branch(int branch)
{
	struct str prefix = arena_printf(m.call.arena, STR_FMT "@%s",
	    STR_ARG(m.catalog.name), m.branch[branch].name);
	struct branch b;

	GOOD(branch_open(&m.call, m.catalog.tenant, prefix, &b));
	return b;
}

static struct version
version_of(int k, int number, struct id object)
{
	struct str text = arena_printf(m.call.arena, "%d", number);

	return (struct version){ .key = key_of(k),
		.kind = k < 2 ? KIND_NAMESPACE : KIND_TABLE,
		.object = object,
		.location = k < 2 ? (struct str){ 0 } : text,
		.body = k < 2 ? text : STR("") };
}

struct writing {
	struct branch branch;
	struct version read[KEYS], put[KEYS];
	struct expect expect[KEYS];
	size_t count;
	struct naive_commit commit;
};

static void
put(struct writing *w, int k, int number, struct id object)
{
	struct version v = version_of(k, number, object);

	if (w->commit.touched[k])
		return;
	v.deleted = number == 0;
	w->expect[w->count] = expect_unchanged(&w->branch, v.key, &w->read[k]);
	w->put[w->count++] = v;
	w->commit.state.value[k] = number;
	w->commit.touched[k] = true;
}

static void
put_something(struct writing *w)
{
	int k = (int)draw(KEYS), to = (int)draw(KEYS);
	bool live = w->commit.state.value[k] != 0;
	struct id object = live ? w->read[k].object : id_v4();

	if (live && draw(3) == 0)
		put(w, k, 0, object);
	else if (live && k >= 2 && to >= 2 && to != k && draw(3) == 0 &&
		 w->commit.state.value[to] == 0 && !w->commit.touched[k] &&
		 !w->commit.touched[to]) {
		put(w, to, w->commit.state.value[k], object);
		put(w, k, 0, object);
	} else
		put(w, k, ++m.numbers, object);
}

static int64_t
time_of(struct point at)
{
	const struct value key[] = { value_int(at.branch), value_int(at.seq) };
	const struct value *keys[] = { key };
	struct rows rows;

	GOOD(store_get(&m.call, ENTITY_COMMITS, keys, 1, &rows));
	EQUAL(rows.row[0] != NULL, true);
	return rows.row[0][COMMIT_AT_US].as.i;
}

static void
write_some(void)
{
	struct writing w = { .count = 0 };
	struct key keys[KEYS];
	enum verdict verdict;
	int b = live_branch();

	w.branch = open_branch(b);
	w.commit.state = *state_at(head_of(b));
	for (int k = 0; k < KEYS; k++)
		keys[k] = key_of(k);
	GOOD(branch_read(&m.call, &w.branch, keys, KEYS, w.read));
	for (unsigned n = draw(4) == 0 ? draw(4) + 1 : 1; n != 0; n--)
		put_something(&w);

	struct unit unit = { .message = STR("write"),
		.expects = w.expect,
		.expect_count = w.count,
		.puts = w.put,
		.put_count = w.count };

	GOOD(branch_apply(&m.call, &w.branch, &unit, &verdict));
	EQUAL(verdict, VERDICT_APPLIED);
	EQUAL(unit.seq, m.branch[b].count + 1);
	w.commit.id = unit.id;
	w.commit.at_us = time_of((struct point){ w.branch.id, unit.seq });
	add_commit(b, &w.commit);
}

/* ---- branches */
static bool
any_deleted(struct naive_point p)
{
	for (; p.branch >= 0; p = m.branch[p.branch].fork)
		if (!m.branch[p.branch].live)
			return true;
	return false;
}

/* Some tables of the beginning, with their namespaces. */
static size_t
choose_assets(const struct state *from, struct str *ret, struct state *ret_base)
{
	size_t n = 0;

	*ret_base = (struct state){ { 0 } };
	for (int k = 2; k < KEYS; k++) {
		struct key key = key_of(k);

		if (from->value[k] == 0 || draw(2) == 0)
			continue;
		ret[n++] = arena_printf(m.call.arena, STR_FMT "." STR_FMT,
		    STR_ARG(key.ns), STR_ARG(key.name));
		ret_base->value[k] = from->value[k];
		ret_base->value[k % 2] = from->value[k % 2];
	}
	return n;
}

static void
fork_branch(void)
{
	struct address a = random_address();
	struct naive_branch b = { .live = true, .base = *state_at(a.at) };
	struct branch_new new = { .type = BRANCH_EXPERIMENTAL };
	struct str assets[KEYS];
	struct ref made;
	enum err err;

	/* deep chains are where it is difficult */
	if (draw(2) == 0 && m.branch[m.branches - 1].live)
		a = (struct address){ str_from(m.branch[m.branches - 1].name),
			head_of(m.branches - 1) };
	b.base = *state_at(a.at);
	new_name(b.name, "b");
	new.name = str_from(b.name);
	GOOD(ref_spec_parse(a.text, &new.from, &m.error));
	if (draw(8) == 0)
		new.asset_count =
		    choose_assets(state_at(a.at), assets, &b.base);
	if (new.asset_count == 0)
		b.base = *state_at(a.at);
	new.assets = assets;
	err = branches_create(&m.call, &m.catalog, &new, &author, &made);
	if (err == ERR_CONFLICT && any_deleted(a.at))
		return;
	GOOD(err);
	b.log = made.id;
	b.is_partial = new.asset_count != 0;
	b.fork = a.at;
	b.created_us = made.created_us;
	(void)add_branch(&b);

	struct chain chain;

	GOOD(chain_of(
	    &m.call, &m.catalog, (struct point){ made.id, SEQ_HEAD }, &chain));
	EQUAL(chain.count <= CHAIN_LINKS_WANTED, true);
}

static int
count_live(void)
{
	int n = 0;

	for (int i = 0; i < m.branches; i++)
		n += m.branch[i].live;
	return n;
}

static void
delete_branch(void)
{
	struct naive_branch *b = &m.branch[live_branch()];
	struct str name = str_from(b->name);

	if (b == m.branch)
		return;
	GOOD(branches_delete(
	    &m.call, &m.catalog, name, (struct id){ 0 }, &author));
	b->live = false;
}

static void
rename_branch(void)
{
	struct naive_branch *b = &m.branch[live_branch()];
	struct branch_change change = { .is_protected = -1 };
	char name[NAME_ROOM];
	struct ref ref;

	if (b == m.branch)
		return;
	new_name(name, "r");
	change.name = str_from(name);
	GOOD(branches_update(
	    &m.call, &m.catalog, str_from(b->name), &change, &author, &ref));
	memcpy(b->name, name, sizeof(name));
}

/* ---- tags */
static void
change_tag(void)
{
	struct naive_tag *t = &m.tag[draw(TAGS)];
	struct address a = random_address();
	struct fork_point at;
	struct ref_spec spec;
	struct ref ref;
	enum err err;

	if (t->live && draw(2) == 0) {
		GOOD(tags_delete(&m.call, &m.catalog, str_from(t->name),
		    (struct id){ 0 }, &author));
		t->live = false;
		return;
	}
	GOOD(ref_spec_parse(a.text, &spec, &m.error));
	err = fork_point_of(&m.call, &m.catalog, &spec, &at);
	if (err == ERR_CONFLICT && any_deleted(a.at))
		return;
	GOOD(err);
	if (t->live)
		err = tags_move(&m.call, &m.catalog, str_from(t->name),
		    (struct id){ 0 }, &at, &author, &ref);
	else {
		new_name(t->name, "t");
		err = tags_create(
		    &m.call, &m.catalog, str_from(t->name), &at, &author, &ref);
	}
	GOOD(err);
	t->live = true;
	t->at = a.at;
}

void
step(void)
{
	unsigned what = draw(100);

	if (count_live() > BRANCHES_LIVE)
		delete_branch();
	else if (what < 70)
		write_some();
	else if (what < 86)
		fork_branch();
	else if (what < 94)
		change_tag();
	else if (what < 97)
		rename_branch();
	else
		delete_branch();
}

void
begin(struct call *c, int run)
{
	struct tenant tenant = { .name =
				     arena_printf(c->arena, "tenant%d", run) };
	struct catalog new = { .name = STR("sales") };
	struct naive_branch b = {
		.name = "main", .live = true, .fork = { -1, 0 }
	};

	GOOD(tenants_create(c, &tenant, &tenant));
	new.tenant = tenant.id;
	GOOD(catalogs_create(c, &new, &m.catalog));
	b.log = m.catalog.main_branch;
	b.created_us = clock_now_us();
	(void)add_branch(&b);
}
