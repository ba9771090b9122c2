/* naive.c - states, ancestors and instants, by copies of everything. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"

struct model m;
struct counts counts;

unsigned
draw(unsigned n)
{
	m.random = m.random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m.random >> 33) % n;
}

void
stop(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (m.says != SAYS_NOTHING) {
		va_start(args, fmt);
		printf("%s:%d: ", file, line);
		(void)vprintf(fmt, args);
		printf("\n");
		va_end(args);
	}
	m.failed_at = line;
	if (m.escape != NULL)
		longjmp(*m.escape, 1);
	printf("0 passed, 1 failed\n");
	exit(1);
}

void
tell(const char *fmt, ...)
{
	va_list args;

	if (m.says != SAYS_STEPS)
		return;
	va_start(args, fmt);
	printf("    ");
	(void)vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

/* ---- knowledge */
void
learn(struct known *io, const struct known *of)
{
	for (int i = 0; i < SERIALS / 64; i++)
		io->bits[i] |= of->bits[i];
}

void
learn_everywhere(int serial, const struct known *what)
{
	for (int b = 0; b < m.branches; b++) {
		struct naive_branch *branch = &m.branch[b];

		if (has(&branch->base.known, serial))
			learn(&branch->base.known, what);
		for (int i = 0; i < branch->count; i++)
			if (has(&branch->own[i].known, serial))
				learn(&branch->own[i].known, what);
	}
}

/* Whether a partial branch led to it. */
bool
knows_partial(const struct naive_commit *c)
{
	for (int s = 1; s <= m.serials; s++)
		if (has(&c->known, s) && m.by_serial[s].count == 0 &&
		    m.branch[m.by_serial[s].branch].is_partial)
			return true;
	return false;
}

static void
number(struct naive_commit *c, struct naive_point at)
{
	c->serial = ++m.serials;
	if (c->serial >= SERIALS)
		STOP("more commits than there is room for");
	m.by_serial[c->serial] = at;
	c->known.bits[c->serial / 64] |= (uint64_t)1 << (c->serial % 64);
	for (int k = 0; k < KEYS; k++)
		if (c->state.made[k] == -1)
			c->state.made[k] = c->serial;
}

/* ---- states */
const struct naive_commit *
record_at(struct naive_point p)
{
	const struct naive_branch *b = &m.branch[p.branch];

	return p.count == 0 ? &b->base : &b->own[p.count - 1];
}

const struct state *
state_at(struct naive_point p)
{
	return &record_at(p)->state;
}

const struct naive_commit *
commit_at(struct naive_point p)
{
	return p.count == 0 ? NULL : &m.branch[p.branch].own[p.count - 1];
}

struct naive_point
head_of(int branch)
{
	return (struct naive_point){ branch, m.branch[branch].count };
}

struct naive_point
newest_of(struct naive_point p)
{
	while (p.count == 0 && m.branch[p.branch].fork.branch >= 0)
		p = m.branch[p.branch].fork;
	return p;
}

struct naive_point
before(struct naive_point p)
{
	p.count--;
	p = newest_of(p);
	if (p.count == 0)
		p.branch = -1;
	return p;
}

struct naive_point
point_at_instant(struct naive_point p, int64_t at_us)
{
	for (;;) {
		const struct naive_branch *b = &m.branch[p.branch];

		while (p.count != 0 && b->own[p.count - 1].at_us > at_us)
			p.count--;
		if (p.count != 0 || b->fork.branch < 0 ||
		    (b->is_partial && b->created_us <= at_us))
			return p;
		p = b->fork;
	}
}

struct naive_point
naive_point_of(struct point p)
{
	for (int b = 0; b < m.branches; b++)
		if (m.branch[b].log == p.branch && p.seq <= m.branch[b].count)
			return (struct naive_point){ b, (int)p.seq };
	STOP("a position of no branch");
}

bool
is_ancestor(struct naive_point of, struct naive_point p)
{
	for (;;) {
		if (of.branch == p.branch)
			return p.count <= of.count;
		of = m.branch[of.branch].fork;
		if (of.branch < 0)
			return false;
	}
}

bool
is_kept(struct naive_point p)
{
	return p.count >= m.branch[p.branch].horizon;
}

int
live_branch(void)
{
	int b;

	do
		b = (int)draw((unsigned)m.branches);
	while (!m.branch[b].live);
	return b;
}

/* Most of them near. */
struct naive_point
random_ancestor(struct naive_point p)
{
	struct naive_point found = newest_of(p), next = found;

	for (unsigned n = draw(12); n != 0 && next.branch >= 0; n--) {
		found = next;
		if (found.count == 0)
			break;
		next = before(found);
	}
	return found;
}

static struct address
address_of_head(int branch)
{
	return (struct address){ str_from(m.branch[branch].name),
		head_of(branch), true };
}

static struct address
address_of_commit(int branch)
{
	struct naive_point p = random_ancestor(head_of(branch));
	const struct naive_commit *c = commit_at(p);
	const char *ref = draw(4) == 0 ? "" : m.branch[branch].name;
	char id[ID_TEXT];

	if (c == NULL)
		return address_of_head(branch);
	id_format(c->id, id);
	return (struct address){ arena_printf(m.call.arena, "%s~%s", ref, id),
		p, false };
}

static struct address
address_of_instant(int branch)
{
	struct naive_point p = random_ancestor(head_of(branch));
	const struct naive_commit *c = commit_at(p);
	int64_t at_us = c != NULL ? c->at_us : m.branch[branch].created_us;
	char text[CLOCK_TEXT];

	at_us -= draw(3) == 0;
	clock_format(at_us, text);
	return (struct address){ arena_printf(m.call.arena, "%s~%s",
				     m.branch[branch].name, text),
		point_at_instant(head_of(branch), at_us), false };
}

static struct address
any_address(void)
{
	const struct naive_tag *t = &m.tag[draw(TAGS)];
	int branch = live_branch();

	switch (draw(6)) {
	case 0:
		if (t->live)
			return (
			    struct address){ str_from(t->name), t->at, false };
		break;
	case 1:
	case 2:
		return address_of_commit(branch);
	case 3:
		return address_of_instant(branch);
	default:
		break;
	}
	return address_of_head(branch);
}

/* What was pruned is no address any more. */
struct address
random_address(void)
{
	for (;;) {
		struct address a = any_address();
		struct position position;
		struct ref_spec spec;

		if (memchr(a.text.ptr, '~', a.text.len) == NULL ||
		    is_kept(a.at))
			return a;
		GOOD(ref_spec_parse(a.text, &spec, &m.error));
		EQUAL(ref_resolve(&m.call, &m.catalog, &spec, &position),
		    ERR_NO_SUCH_REF);
	}
}

static void *
grown(void *at, int count, int *io_room, size_t size)
{
	if (count < *io_room)
		return at;
	*io_room = *io_room != 0 ? *io_room * 2 : 16;
	at = realloc(at, (size_t)*io_room * size);
	if (at == NULL)
		abort();
	return at;
}

void
add_commit(int branch, struct naive_commit *c)
{
	struct naive_branch *b = &m.branch[branch];

	number(c, (struct naive_point){ branch, b->count + 1 });
	b->own = grown(b->own, b->count, &b->room, sizeof(*b->own));
	b->own[b->count++] = *c;
}

int
add_branch(struct naive_branch *b)
{
	number(&b->base, (struct naive_point){ m.branches, 0 });
	m.branch =
	    grown(m.branch, m.branches, &m.branch_room, sizeof(*m.branch));
	m.branch[m.branches] = *b;
	return m.branches++;
}
