/*
 * nearest.h - which known name was probably meant.
 *
 * Offer the known names one by one, then ask for `best`.
 */
#ifndef PANGOLIN_NEAREST_H
#define PANGOLIN_NEAREST_H

#include "base/str.h"

struct nearest {
	const char *best; /* NULL while nothing comes near */
	struct str wanted;
	size_t edits; /* between `wanted` and `best` */
};

/* Names are near when less than half of their letters differ. */
struct nearest nearest_to(struct str wanted);
void nearest_offer(struct nearest *, const char *name);

#endif
