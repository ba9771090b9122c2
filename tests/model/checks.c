/* checks.c - reads of every kind, compared. */
#include "calls/store_call.h"
#include "catalog/page.h"
#include "model.h"
#include "versions/commits.h"
#include "versions/diff.h"
#include "versions/divergence.h"

/* Namespaces a and b, and three tables in each. */
struct key
key_of(int k)
{
	struct str ns = k % 2 == 0 ? STR("a") : STR("b");

	if (k < 2)
		return (struct key){ SPACE_NAMESPACE, STR(""), ns };
	return (struct key){ SPACE_RELATION, ns,
		arena_printf(m.call.arena, "t%d", k) };
}

int
key_number(struct key key)
{
	for (int k = 0; k < KEYS; k++) {
		struct key one = key_of(k);

		if (key.space == one.space && str_eq(key.ns, one.ns) &&
		    str_eq(key.name, one.name))
			return k;
	}
	return -1;
}

int
number_of(const struct version *v)
{
	struct str text = v->kind == KIND_NAMESPACE ? v->body : v->location;
	int64_t number;

	if (!version_is_live(v))
		return 0;
	/* {"n":"7"} of a namespace, the end of a path else */
	if (v->kind == KIND_NAMESPACE)
		text = (struct str){ text.ptr + 6, text.len - 8 };
	for (struct str rest = text; rest.ptr != NULL;)
		text = str_cut(&rest, '/');
	EQUAL(str_to_int(text, &number), true);
	return (int)number;
}

/* ---- keys, and lists of them */
static void check_list(
    const struct branch *b, struct key inside, const struct state *want);

void
check_state(struct str address, const struct state *want)
{
	struct str prefix = arena_printf(m.call.arena, STR_FMT "@" STR_FMT,
	    STR_ARG(m.catalog.name), STR_ARG(address));
	struct version read[KEYS];
	struct key keys[KEYS];
	struct branch b;

	for (int k = 0; k < KEYS; k++)
		keys[k] = key_of(k);
	GOOD(branch_open(&m.call, m.catalog.tenant, prefix, &b));
	GOOD(branch_read(&m.call, &b, keys, KEYS, read));
	for (int k = 0; k < KEYS; k++)
		if (number_of(&read[k]) != want->value[k])
			STOP(STR_FMT ": key %d shows %d, not %d",
			    STR_ARG(address), k, number_of(&read[k]),
			    want->value[k]);
	counts.checks++;
	check_list(&b, key_of((int)draw(KEYS)), want);
}

struct listed {
	bool seen[KEYS];
	struct key inside;
};

static void
take_name(void *arg, struct str name)
{
	struct listed *l = arg;

	for (int k = 0; k < KEYS; k++) {
		struct key key = key_of(k);

		if (key.space == l->inside.space &&
		    str_eq(key.ns, l->inside.ns) && str_eq(key.name, name)) {
			EQUAL(l->seen[k], false);
			l->seen[k] = true;
			return;
		}
	}
	STOP("a name that nobody made");
}

static void
check_list(const struct branch *b, struct key inside, const struct state *want)
{
	struct listed l = { .inside = inside };
	struct listing list = { .page.size = draw(4), /* 0: all */
		.take = take_name,
		.arg = &l };
	enum kind kind =
	    inside.space == SPACE_NAMESPACE ? KIND_NAMESPACE : KIND_TABLE;

	do {
		GOOD(page_list(
		    &m.call, b, inside.space, inside.ns, kind, &list));
		list.page.after = list.next;
	} while (list.next.name.ptr != NULL);
	for (int k = 0; k < KEYS; k++) {
		struct key key = key_of(k);
		bool is_inside =
		    key.space == inside.space && str_eq(key.ns, inside.ns);

		EQUAL(l.seen[k], is_inside && want->value[k] != 0);
	}
}

/* ---- history */
static void
check_operations(const struct commit *c, struct naive_point p)
{
	const struct naive_commit *want = commit_at(p);
	const struct state *old =
	    state_at((struct naive_point){ p.branch, p.count - 1 });
	size_t touched = 0;

	/* what was pruned is not told any more */
	if (p.count <= m.branch[p.branch].horizon)
		return;
	for (int k = 0; k < KEYS; k++)
		touched += want->touched[k];
	EQUAL(c->operation_count, touched);
	for (size_t i = 0; i < c->shown; i++) {
		struct commit_operation *o = &c->operations[i];

		for (int k = 0; k < KEYS; k++) {
			struct key key = key_of(k);

			if (key.space != o->now.key.space ||
			    !str_eq(key.ns, o->now.key.ns) ||
			    !str_eq(key.name, o->now.key.name))
				continue;
			EQUAL(number_of(&o->now), want->state.value[k]);
			EQUAL(number_of(&o->old), old->value[k]);
		}
	}
}

/* The next commit that a filter lets through. */
static struct naive_point
next_of(struct naive_point p, int key)
{
	while (p.branch >= 0 && p.count != 0 && key >= 0 &&
	       !commit_at(p)->touched[key])
		p = before(p);
	if (p.branch >= 0 && p.count == 0)
		p.branch = -1;
	return p;
}

static void
check_history(int branch)
{
	struct naive_point p = newest_of(head_of(branch));
	int key = draw(3) == 0 && !m.was_pruned ? (int)draw(KEYS) : -1;
	struct commit_filter filter = { .author = { 0 } };
	struct commit_page page = { .next = { 0 } };
	struct commit_mark mark;
	int64_t skip = draw(3) == 0 ? (int64_t)draw(5) : 0;

	if (key >= 0)
		filter.key = key_of(key);
	GOOD(point_commit(&m.call, &m.catalog,
	    (struct point){ m.branch[branch].log, SEQ_HEAD }, &mark));
	page.next = mark.point;
	p = next_of(p, key);
	for (int64_t i = 0; i < skip && p.branch >= 0; i++)
		p = next_of(before(p), key);
	for (int pages = 0; page.next.branch != 0 && pages < 6; pages++) {
		GOOD(commits_list(&m.call, &m.catalog, page.next, &filter,
		    draw(9) + 1, skip, &page));
		skip = 0;
		for (size_t i = 0; i < page.count; i++) {
			EQUAL(p.branch >= 0, true);
			EQUAL(id_eq(page.at[i].id, commit_at(p)->id), true);
			EQUAL(page.at[i].at_us, commit_at(p)->at_us);
			check_operations(&page.at[i], p);
			p = next_of(before(p), key);
		}
	}
	if (page.next.branch == 0)
		EQUAL(p.branch, -1);
}

/* ---- differences */
static struct point
pinned(struct str address)
{
	struct position position;
	struct ref_spec spec;

	GOOD(ref_spec_parse(address, &spec, &m.error));
	GOOD(ref_resolve(&m.call, &m.catalog, &spec, &position));
	return position.point;
}

static void
check_diff(void)
{
	struct address a = random_address(), b = random_address();
	const struct state *from = state_at(a.at), *to = state_at(b.at);
	bool told[KEYS] = { false };
	struct differences found;
	struct diff d;

	GOOD(diff_begin(
	    &m.call, &m.catalog, pinned(a.text), pinned(b.text), &d));
	do {
		struct str token;

		GOOD(diff_next(&m.call, &d, draw(4) + 1, &found));
		for (size_t i = 0; i < found.count; i++)
			for (int k = 0; k < KEYS; k++) {
				struct difference *one = &found.at[i];
				struct key key = key_of(k);

				if (key.space != one->to.key.space ||
				    !str_eq(key.ns, one->to.key.ns) ||
				    !str_eq(key.name, one->to.key.name))
					continue;
				EQUAL(told[k], false);
				told[k] = true;
				EQUAL(number_of(&one->from), from->value[k]);
				EQUAL(number_of(&one->to), to->value[k]);
			}
		token = diff_write(m.call.arena, &d);
		bool ended = d.ended;

		EQUAL(diff_read(m.call.arena, token, &d), true);
		d.ended = ended;
	} while (!d.ended);
	for (int k = 0; k < KEYS; k++)
		if (told[k] != (from->value[k] != to->value[k]))
			STOP(STR_FMT " .. " STR_FMT ": key %d: %d and %d",
			    STR_ARG(a.text), STR_ARG(b.text), k, from->value[k],
			    to->value[k]);
}

/* ---- branches */
static void
check_heads(void)
{
	struct branch_head *heads;
	struct ref_list list;
	int live = 0;

	GOOD(refs_list(&m.call, &m.catalog, REF_BRANCH, 0, 0, &list));
	heads = ARENA_NEW(m.call.arena, struct branch_head, list.count);
	GOOD(branch_heads(&m.call, list.at, list.count, heads));
	for (int b = 0; b < m.branches; b++) {
		const struct naive_commit *c = commit_at(newest_of(head_of(b)));
		bool seen = false;

		live += m.branch[b].live;
		for (size_t i = 0; i < list.count; i++) {
			if (list.at[i].id != m.branch[b].log)
				continue;
			seen = true;
			EQUAL(
			    str_eq(list.at[i].name, str_from(m.branch[b].name)),
			    true);
			EQUAL(heads[i].seq, m.branch[b].count);
			EQUAL(id_eq(heads[i].commit,
				  c != NULL ? c->id : (struct id){ 0 }),
			    true);
		}
		EQUAL(seen, m.branch[b].live);
	}
	EQUAL(list.count, live);
}

/* ---- ahead and behind */
static int
count_beyond(const struct known *one, const struct known *other)
{
	int n = 0;

	for (int s = 1; s <= m.serials; s++)
		n += m.by_serial[s].count != 0 && has(one, s) && !has(other, s);
	return n;
}

static void
check_divergence(void)
{
	struct address a = random_address();
	const struct known *from = &record_at(a.at)->known;
	const struct naive_branch *b = &m.branch[live_branch()];
	const struct known *head =
	    &record_at(head_of((int)(b - m.branch)))->known;
	struct branch_head mark;
	struct divergence d;
	struct ref ref;

	GOOD(branches_get(&m.call, &m.catalog, str_from(b->name), &ref));
	GOOD(branch_heads(&m.call, &ref, 1, &mark));
	GOOD(divergences(
	    &m.call, &m.catalog, pinned(a.text), &ref, &mark, 1, &d));
	EQUAL(d.ahead, count_beyond(head, from));
	EQUAL(d.behind, count_beyond(from, head));
}

void
check_some(void)
{
	struct address a = random_address();

	check_state(a.text, state_at(a.at));
	if (draw(3) == 0)
		check_diff();
	if (draw(6) == 0)
		check_history(live_branch());
	if (draw(6) == 0)
		check_divergence();
}

void
check_history_of_all(void)
{
	for (int b = 0; b < m.branches; b++)
		for (int n = 1; n <= m.branch[b].count; n++) {
			struct naive_point p = { b, n };
			char id[ID_TEXT];
			struct str text;

			if (!m.branch[b].live || !is_kept(p))
				continue;
			id_format(commit_at(p)->id, id);
			text = arena_printf(m.call.arena, "~%s", id);
			check_state(text, state_at(p));
		}
}

void
check_all(void)
{
	check_heads();
	for (int b = 0; b < m.branches; b++)
		if (m.branch[b].live)
			check_state(
			    str_from(m.branch[b].name), state_at(head_of(b)));
	for (int t = 0; t < TAGS; t++)
		if (m.tag[t].live)
			check_state(
			    str_from(m.tag[t].name), state_at(m.tag[t].at));
	check_history(live_branch());
}
