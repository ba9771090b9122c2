#include "http/front.h"

void
front_init(struct front *front)
{
	TAILQ_INIT(&front->pooled);
	bodies_init(&front->bodies);
}

void
front_clear(struct front *front)
{
	while (front->spare_count != 0)
		arena_free(front->spare[--front->spare_count]);
}
