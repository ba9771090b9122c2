/*
 * ring.h - the writes that wait for the thread behind the requests.
 *
 * A request adds to it and goes on.  The writer takes up to UNIT_FILLS, which
 * stay visible until it has written them.  What finds the ring full is
 * dropped: it is a cache.
 */
#ifndef PANGOLIN_RING_H
#define PANGOLIN_RING_H

#include <pthread.h>

#include "pack.h"

#define RING_FILLS 256
#define RING_BYTES ((size_t)16 * 1024 * 1024)
#define UNIT_FILLS 32

struct fill {
	char name[NAME_LEN];
	char *packed; /* of malloc(); NULL: the row was used, and no more */
	size_t len;
	int64_t expires_us; /* UTC */
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct fill at[RING_FILLS]; /* the oldest first */
	size_t count, bytes;
	size_t taken;     /* of the oldest: the writer has them */
	uint64_t written; /* how often the writer was done with some */
	bool ends;
};

void ring_init(struct ring *);
void ring_clear(struct ring *);

/* False: there is no room, and nothing was taken over. */
bool ring_add(struct ring *, const struct fill *);

/* The newest fill of a name, as a copy; false: there is none. */
bool ring_find(struct ring *, struct arena *, const char *name,
    struct str *ret_packed, int64_t *ret_expires_us);

/* Forgets the fills of a name (NULL: all), and waits until the writer is done
 * with those that it has. */
void ring_forget(struct ring *, const char *name);

/* The writer: waits for fills; 0: the ring ends.  It calls ring_written() when
 * it has written them or given up. */
size_t ring_take(struct ring *, struct fill ret[UNIT_FILLS]);
void ring_written(struct ring *);
void ring_end(struct ring *);

#endif
