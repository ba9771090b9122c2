/* naive.c - states, ancestors and instants, by copies of everything. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"

struct model m;

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

	va_start(args, fmt);
	printf("%s:%d: ", file, line);
	(void)vprintf(fmt, args);
	printf("\n");
	va_end(args);
	printf("0 passed, 1 failed\n");
	exit(1);
}

const struct state *
state_at(struct naive_point p)
{
	const struct naive_branch *b = &m.branch[p.branch];

	return p.count == 0 ? &b->base : &b->own[p.count - 1].state;
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
address_of_tag(const struct naive_tag *t)
{
	return (struct address){ str_from(t->name), t->at };
}

static struct address
address_of_commit(int branch)
{
	struct naive_point p = random_ancestor(head_of(branch));
	const struct naive_commit *c = commit_at(p);
	const char *ref = draw(4) == 0 ? "" : m.branch[branch].name;
	char id[ID_TEXT];

	if (c == NULL)
		return (struct address){ str_from(m.branch[branch].name),
			head_of(branch) };
	id_format(c->id, id);
	return (
	    struct address){ arena_printf(m.call.arena, "%s~%s", ref, id), p };
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
		point_at_instant(head_of(branch), at_us) };
}

struct address
random_address(void)
{
	const struct naive_tag *t = &m.tag[draw(TAGS)];
	int branch = live_branch();

	switch (draw(6)) {
	case 0:
		if (t->live)
			return address_of_tag(t);
		break;
	case 1:
	case 2:
		return address_of_commit(branch);
	case 3:
		return address_of_instant(branch);
	default:
		break;
	}
	return (
	    struct address){ str_from(m.branch[branch].name), head_of(branch) };
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
add_commit(int branch, const struct naive_commit *c)
{
	struct naive_branch *b = &m.branch[branch];

	b->own = grown(b->own, b->count, &b->room, sizeof(*b->own));
	b->own[b->count++] = *c;
}

int
add_branch(const struct naive_branch *b)
{
	m.branch =
	    grown(m.branch, m.branches, &m.branch_room, sizeof(*m.branch));
	m.branch[m.branches] = *b;
	return m.branches++;
}
