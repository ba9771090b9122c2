/*
 * transform_apply.h - applies transforms to values (Iceberg table spec,
 * "Partition Transforms" and Appendix B).
 */
#ifndef PANGOLIN_TRANSFORM_APPLY_H
#define PANGOLIN_TRANSFORM_APPLY_H

#include "iceberg/literal.h"
#include "iceberg/partition_transform.h"

/* The type of the values that come out; TYPE_UNKNOWN for an unknown transform.
 * `source` is accepted (transform_accepts). */
struct type transform_type(const struct transform *, const struct type *source);

/* The transform of a null is null.  So is that of a value by `void`, and by an
 * unknown transform or of a type it does not accept. */
struct literal transform_apply(
    const struct transform *, const struct literal *value);

/* a <= b implies f(a) <= f(b), and only a null becomes null. */
bool transform_keeps_order(const struct transform *);

/* The values between which f(x) == `value` has its x, where the order is kept;
 * `value` is of transform_type().  `open` means: and whatever begins with the
 * upper one (truncated text).  False: no bounds. */
struct preimage {
	struct literal lower, upper;
	bool open;
};
bool transform_preimage(const struct transform *, const struct type *source,
    const struct literal *value, struct preimage *ret);

/* 32-bit Murmur3, x86, seed 0. */
uint32_t murmur3(struct str bytes);

#endif
