/* steps.c - random changes, made to both sides. */
#include <stdio.h>
#include <sys/stat.h>

#include "calls/store_call.h"
#include "identity/tenants.h"
#include "model.h"
#include "versions/tags.h"

static const struct ref_author author = { .name = STR_INIT("model") };

static void
new_name(char ret[NAME_ROOM], const char *kind)
{
	(void)snprintf(ret, NAME_ROOM, "%s%d", kind, ++m.numbers);
}

/* Both show the same: a fork goes where the newest commit is. */
static void
check_same_state(struct naive_point one, struct naive_point other)
{
	for (int k = 0; k < KEYS; k++)
		EQUAL(state_at(one)->value[k], state_at(other)->value[k]);
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

static void
copy_key(struct state *io, const struct state *from, int k)
{
	io->value[k] = from->value[k];
	io->made[k] = from->made[k];
	io->object[k] = from->object[k];
	io->moved[k] = from->moved[k];
}

/* Some tables of the beginning, with their namespaces. */
static size_t
choose_assets(const struct state *from, struct str *ret, struct state *ret_base)
{
	size_t n = 0;

	*ret_base = (struct state){ .value = { 0 } };
	for (int k = 2; k < KEYS; k++) {
		struct key key = key_of(k);

		if (from->value[k] == 0 || draw(2) == 0)
			continue;
		ret[n++] = arena_printf(m.call.arena, STR_FMT "." STR_FMT,
		    STR_ARG(key.ns), STR_ARG(key.name));
		copy_key(ret_base, from, k);
		copy_key(ret_base, from, k % NAMESPACES);
	}
	return n;
}

static void
fork_branch(void)
{
	struct address a = random_address();
	struct naive_branch b = { .live = true };
	struct branch_new new = { .type = BRANCH_EXPERIMENTAL };
	struct str assets[KEYS];
	struct ref made;
	enum err err;

	/* deep chains are where it is difficult: each link has commits */
	if (draw(3) != 0 && m.branch[m.branches - 1].live) {
		write_on(m.branches - 1);
		a = (struct address){ str_from(m.branch[m.branches - 1].name),
			head_of(m.branches - 1), true };
	}
	b.base.state = *state_at(a.at);
	new_name(b.name, "b");
	new.name = str_from(b.name);
	GOOD(ref_spec_parse(a.text, &new.from, &m.error));
	if (draw(8) == 0)
		new.asset_count =
		    choose_assets(state_at(a.at), assets, &b.base.state);
	if (new.asset_count == 0)
		b.base.state = *state_at(a.at);
	new.assets = assets;
	tell("fork %s of " STR_FMT "%s", b.name, STR_ARG(a.text),
	    new.asset_count != 0 ? ", a part of it" : "");
	err = branches_create(&m.call, &m.catalog, &new, &author, &made);
	if (err == ERR_CONFLICT && any_deleted(a.at))
		return;
	GOOD(err);
	b.log = made.id;
	b.is_partial = new.asset_count != 0;
	b.fork = naive_point_of(made.forked);
	b.base.known = record_at(b.fork)->known;
	check_same_state(a.at, b.fork);
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
	enum err err;

	if (b == m.branch)
		return;
	tell("delete %s", b->name);
	err = branches_delete(
	    &m.call, &m.catalog, name, (struct id){ 0 }, &author);
	if (has_open_merge((int)(b - m.branch))) {
		EQUAL(err, ERR_CONFLICT);
		return;
	}
	GOOD(err);
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
	tell("rename %s to %s", b->name, name);
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
		tell("delete tag %s", t->name);
		GOOD(tags_delete(&m.call, &m.catalog, str_from(t->name),
		    (struct id){ 0 }, &author));
		t->live = false;
		return;
	}
	tell("tag " STR_FMT, STR_ARG(a.text));
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
	t->at = naive_point_of(at.mark.point);
	check_same_state(a.at, t->at);
	tell("  as %s", t->name);
}

/* Of a hundred steps, so many are of each kind. */
static const struct {
	unsigned share;
	void (*make)(void);
} kinds[] = { { 40, write_some }, { 12, fork_branch }, { 18, merge_something },
	{ 2, complete_something }, { 9, restore_something },
	{ 4, undrop_something }, { 5, change_tag }, { 2, rename_branch },
	{ 3, delete_branch }, { 1, fold_something }, { 2, prune_something },
	{ 2, purge_something } };

void
step(void)
{
	unsigned what = draw(100);
	size_t i = 0;

	if (count_live() > BRANCHES_LIVE) {
		delete_branch();
		return;
	}
	while (what >= kinds[i].share)
		what -= kinds[i++].share;
	kinds[i].make();
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

	/* garbage is known by its file, whatever the catalog */
	m.dir = arena_printf(c->arena, "%s/%d", m.dir, run).ptr;
	if (mkdir(m.dir, 0700) != 0)
		STOP("%s cannot be made", m.dir);
	GOOD(tenants_create(c, &tenant, &tenant));
	new.tenant = tenant.id;
	GOOD(catalogs_create(c, &new, &m.catalog));
	b.log = m.catalog.main_branch;
	b.created_us = clock_now_us();
	(void)add_branch(&b);
}
