/*
 * unit_queue.h - the queue in shared memory by which workers hand units to the
 * leader of the group commit.
 *
 * A slot belongs to one unit: its owner claims and fills it, a leader takes and
 * answers it, and its owner reads the answer and frees it.  Either may be
 * killed at any point: a dead owner's slot is freed, a dead leader's units are
 * taken again.  A leader that falls silent is deposed (leader.h): its token is
 * the fence that keeps it from answering, or reading, other leaders' units.
 */
#ifndef PANGOLIN_UNIT_QUEUE_H
#define PANGOLIN_UNIT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "shm/leader.h"

#define UNIT_SLOTS 256
#define UNIT_BYTES ((size_t)64 * 1024)        /* of one unit */
#define BATCH_BYTES ((size_t)4 * 1024 * 1024) /* of all that are taken */
#define UNIT_KEYS 24
#define UNIT_HASH_BYTES 64

struct unit_queue;
struct unit_slot;

/* The owner's description of its unit. */
struct unit_label {
	int64_t branch;
	int64_t deadline_us;     /* its owner waits no longer */
	size_t size;             /* of its bytes */
	uint64_t key[UNIT_KEYS]; /* hashes; bit 0: the unit changes the key */
	size_t key_count;
};

/* The leader's answer about a unit. */
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
	int64_t batches;   /* taken ever */
	int64_t units;     /* units in those batches */
	int64_t full_size; /* the most units in one */
};

/* Made in shared memory by the parent. */
struct unit_queue *unit_queue_new(struct shm *, struct slots);
size_t unit_queue_size(void); /* bytes that unit_queue_new() takes */

/* ---- owners */
/* Claims a slot with room for UNIT_BYTES; NULL: none became free until the
 * deadline (clock_mono_us()). */
struct unit_slot *unit_claim(struct unit_queue *, int64_t deadline_us);
char *unit_bytes(struct unit_queue *, struct unit_slot *);
/* Gives back a slot that is not posted, or whose answer has been read. */
void unit_free(struct unit_queue *, struct unit_slot *);

void unit_post(struct unit_slot *, const struct unit_label *);
/* The answer; NULL: not yet. */
const struct unit_answer *unit_answered(const struct unit_slot *);
/* Whether no leader has taken the unit. */
bool unit_waits(const struct unit_slot *);
/* Sleeps for an answer, a moment at most.  False: the deadline has passed. */
bool unit_sleep(struct unit_slot *, int64_t deadline_us);

/* The owner stops waiting and has lost the slot, unless an answer is there. */
enum withdrawal {
	WITHDRAWN,  /* no leader has seen the unit */
	TOO_LATE,   /* taken: its fate is not known */
	IS_ANSWERED /* read it, then free the slot */
};
enum withdrawal unit_withdraw(struct unit_queue *, struct unit_slot *);

/* ---- the leader, and what it has taken */
struct taken_unit {
	struct unit_slot *slot;
	int64_t branch, deadline_us;
	size_t size;
	bool doubtful; /* an earlier leader may have applied it */
};

/* Becomes the leader until it follows, or is deposed: its token; 0: another
 * leads.  `look`, by a system call, whether that one is dead or silent. */
uint64_t unit_queue_lead(struct unit_queue *, bool look);
void unit_queue_follow(struct unit_queue *, uint64_t token);
/* A leader that was deposed may still apply what it took. */
bool unit_queue_has_zombies(struct unit_queue *);

/* Takes all units that wait, oldest first: within BATCH_BYTES, and at most one
 * unit that changes a key.  `ret` has UNIT_SLOTS members.  Units that a leader
 * took and never answered come again.  A deposed leader gets none. */
size_t unit_take(struct unit_queue *, uint64_t token, struct taken_unit *ret);
/* Copies a unit's bytes; false: the leader was deposed, and they may be another
 * unit's. */
MUST_CHECK bool unit_copy(
    struct unit_queue *, uint64_t token, const struct taken_unit *, char *ret);
/* Answers a unit, or returns one to the queue that nothing was done with.
 * Neither does anything to a unit that another leader has taken meanwhile. */
void unit_answer(struct unit_queue *, uint64_t token, const struct taken_unit *,
    const struct unit_answer *);
void unit_return(
    struct unit_queue *, uint64_t token, const struct taken_unit *);

/* ---- anyone */
/* Frees the slots of dead processes. */
void unit_queue_sweep(struct unit_queue *);
struct unit_queue_counts unit_queue_count(struct unit_queue *);

#endif
