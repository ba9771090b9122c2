/*
 * pins.h - pins: which blocks a worker reads or writes without their lock.
 *
 * A place is taken under the lock of the block's shard, and given back by one
 * store at any time; all threads of a worker share its places.
 */
#ifndef PANGOLIN_PINS_H
#define PANGOLIN_PINS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PINS_BRIEF 64u /* while bytes are copied */
#define PINS_LONG 192u /* while a value is shown */
#define PINS (PINS_BRIEF + PINS_LONG)

/* In shared memory, for each worker. */
struct pins {
	alignas(64) _Atomic uint64_t at[PINS]; /* shard and block; 0: none */
};

enum pin_span { PIN_BRIEF, PIN_LONG };

/* The number of the place; 0: there is none left. */
uint64_t pin_take(struct pins *, enum pin_span, uint32_t shard, uint32_t block);
void pin_drop(struct pins *, uint64_t number);
void pins_drop_all(struct pins *);

/* Among the pins of all workers; block 0: any of the shard. */
bool pins_name(struct pins *, uint32_t workers, uint32_t shard, uint32_t block);
int64_t pins_count(struct pins *, uint32_t workers);

#endif
