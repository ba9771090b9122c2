/* did_you_mean.c - the Levenshtein distance, for names of a line at most. */
#include "base/did_you_mean.h"

#define NAME_MAX_BYTES 80 /* longer ones are near to nothing */

struct did_you_mean
did_you_mean(struct str wanted)
{
	return (struct did_you_mean){ .wanted = wanted,
		.edits = wanted.len / 2 + 1 };
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete or replace; one row of the table at a time. */
static size_t
edits_between(struct str a, struct str b)
{
	size_t row[NAME_MAX_BYTES + 1];

	for (size_t i = 0; i <= a.len; i++)
		row[i] = i;
	for (size_t j = 0; j < b.len; j++) {
		size_t corner = row[0];

		row[0] = j + 1;
		for (size_t i = 0; i < a.len; i++) {
			size_t replaced = corner + (a.ptr[i] != b.ptr[j]);

			corner = row[i + 1];
			row[i + 1] = least(replaced, least(row[i], corner) + 1);
		}
	}
	return row[a.len];
}

void
did_you_mean_offer(struct did_you_mean *n, const char *name)
{
	struct str known = str_from(name);

	if (n->wanted.len > NAME_MAX_BYTES || known.len > NAME_MAX_BYTES)
		return;

	size_t edits = edits_between(n->wanted, known);

	if (edits < n->edits) {
		n->edits = edits;
		n->best = name;
	}
}
