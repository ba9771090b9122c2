/*
 * did_you_mean.h - finds the known name that a misspelt one probably meant.
 *
 * Offer the known names one by one, then read `best`.
 */
#ifndef PANGOLIN_DID_YOU_MEAN_H
#define PANGOLIN_DID_YOU_MEAN_H

#include "base/str.h"

struct did_you_mean {
	const char *best; /* NULL while nothing comes near */
	struct str wanted;
	size_t edits; /* between `wanted` and `best` */
};

/* Names are near when less than half of their letters differ. */
struct did_you_mean did_you_mean(struct str wanted);
void did_you_mean_offer(struct did_you_mean *, const char *name);

#endif
