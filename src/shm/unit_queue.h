/*
 * unit_queue.h - units on their way from every worker to the one who leads.
 *
 * A slot belongs to one unit: claimed and filled by its owner, taken by a
 * leader, answered, read and freed by its owner.  Either may be killed at any
 * point: what an owner leaves is freed, what a leader leaves is taken again.
 * The bytes of a unit mean nothing here.
 */
#ifndef PANGOLIN_UNIT_QUEUE_H
#define PANGOLIN_UNIT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "shm/shm.h"

#define UNIT_SLOTS 256
#define UNIT_BYTES ((size_t)64 * 1024)        /* of one unit */
#define BATCH_BYTES ((size_t)4 * 1024 * 1024) /* of all that are taken */
#define UNIT_KEYS 24
#define UNIT_HASH_BYTES 64

struct unit_queue;
struct unit_slot;

/* What the owner says about its unit. */
struct unit_label {
	int64_t branch;
	size_t size;             /* of its bytes */
	uint64_t key[UNIT_KEYS]; /* hashes; bit 0: the unit changes the key */
	size_t key_count;
};

/* What the leader says about it. */
struct unit_answer {
	int code; /* enum err */
	int verdict;
	size_t failed;
	int64_t seq;
	size_t hash_size; /* 0: there is none */
	char hash[UNIT_HASH_BYTES];
	char message[256]; /* of an error */
};

struct unit_queue_counts {
	unsigned waiting;  /* posted, not taken */
	unsigned taken;    /* by a leader */
	unsigned others;   /* being filled, or answered and not yet read */
	int64_t batches;   /* taken ever, */
	int64_t units;     /* with so many units in them; */
	int64_t full_size; /* the most units that one held */
};

/* In shared memory, by the parent. */
struct unit_queue *unit_queue_new(struct shm *);
size_t unit_queue_size(void); /* bytes that unit_queue_new() takes */

/* ---- owners */
/* A slot with room for UNIT_BYTES; NULL: none became free until the deadline
 * (clock_mono_us()). */
struct unit_slot *unit_claim(struct unit_queue *, int64_t deadline_us);
char *unit_bytes(struct unit_queue *, struct unit_slot *);
/* Give back a slot that is not posted, or whose answer has been read. */
void unit_free(struct unit_queue *, struct unit_slot *);

void unit_post(struct unit_slot *, const struct unit_label *);
/* The answer; NULL: not yet. */
const struct unit_answer *unit_answered(const struct unit_slot *);
/* Sleep for an answer, a moment at most.  False: the deadline has passed. */
bool unit_sleep(struct unit_slot *, int64_t deadline_us);

/* The owner waits no longer, and the slot is not its own any more; of an
 * answer that came meanwhile nothing is done. */
enum withdrawal {
	WITHDRAWN,  /* nobody has seen the unit */
	TOO_LATE,   /* taken: what becomes of it is not known */
	IS_ANSWERED /* read it, then free the slot */
};
enum withdrawal unit_withdraw(struct unit_queue *, struct unit_slot *);

/* ---- the leader */
/* True: this thread leads until unit_queue_follow(). */
bool unit_queue_lead(struct unit_queue *);
void unit_queue_follow(struct unit_queue *);

/* All that wait, oldest first: within BATCH_BYTES, and at most one unit that
 * changes a key.  `ret` has UNIT_SLOTS members.  Those that a leader took and
 * never answered come again. */
size_t unit_take(struct unit_queue *, struct unit_slot **ret);
const struct unit_label *unit_label_of(const struct unit_slot *);
/* An earlier leader may have applied the unit. */
bool unit_is_doubtful(const struct unit_slot *);
void unit_answer(
    struct unit_queue *, struct unit_slot *, const struct unit_answer *);

/* ---- anyone */
/* Free what dead processes have left. */
void unit_queue_sweep(struct unit_queue *);
struct unit_queue_counts unit_queue_count(struct unit_queue *);

#endif
