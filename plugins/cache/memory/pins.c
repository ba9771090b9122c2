#include "pins.h"

static uint64_t
name_of(uint32_t shard, uint32_t block)
{
	return (uint64_t)(shard + 1) << 32 | block;
}

uint64_t
pin_take(struct pins *p, enum pin_span span, uint32_t shard, uint32_t block)
{
	uint32_t from = span == PIN_BRIEF ? 0 : PINS_BRIEF;
	uint32_t to = span == PIN_BRIEF ? PINS_BRIEF : PINS;

	for (uint32_t i = from; i < to; i++) {
		uint64_t none = 0;

		if (atomic_load_explicit(&p->at[i], memory_order_relaxed) ==
			0 &&
		    atomic_compare_exchange_strong(
			&p->at[i], &none, name_of(shard, block)))
			return i + 1;
	}
	return 0;
}

void
pin_drop(struct pins *p, uint64_t number)
{
	atomic_store_explicit(&p->at[number - 1], 0, memory_order_release);
}

void
pins_drop_all(struct pins *p)
{
	for (uint64_t i = 1; i <= PINS; i++)
		pin_drop(p, i);
}

bool
pins_name(struct pins *p, uint32_t workers, uint32_t shard, uint32_t block)
{
	uint64_t wanted = name_of(shard, block);
	uint64_t mask = block == 0 ? ~(uint64_t)UINT32_MAX : UINT64_MAX;

	for (uint32_t w = 0; w < workers; w++)
		for (uint32_t i = 0; i < PINS; i++)
			if ((atomic_load_explicit(
				 &p[w].at[i], memory_order_acquire) &
				mask) == wanted)
				return true;
	return false;
}

int64_t
pins_count(struct pins *p, uint32_t workers)
{
	int64_t sum = 0;

	for (uint32_t w = 0; w < workers; w++)
		for (uint32_t i = 0; i < PINS; i++)
			sum += atomic_load_explicit(
				   &p[w].at[i], memory_order_relaxed) != 0;
	return sum;
}
