#include "catalog/sts_failures.h"

#include <pthread.h>

struct failure {
	struct id warehouse;
	int64_t revision;
	int64_t until_us; /* 0: free */
	struct error why;
};

static struct {
	pthread_mutex_t lock;
	struct failure at[STS_FAILURES_MAX];
} failures = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
is_of(const struct failure *f, struct id warehouse, int64_t revision)
{
	return f->revision == revision && id_eq(f->warehouse, warehouse);
}

/* That of the warehouse, or the one that ends first. */
static struct failure *
place_for(struct id warehouse, int64_t revision)
{
	struct failure *first = &failures.at[0];

	for (size_t i = 0; i < STS_FAILURES_MAX; i++) {
		struct failure *f = &failures.at[i];

		if (is_of(f, warehouse, revision))
			return f;
		if (f->until_us < first->until_us)
			first = f;
	}
	return first;
}

void
sts_failures_note(struct id warehouse, int64_t revision,
    const struct error *why, int64_t began_us, int64_t now_us)
{
	if (now_us - began_us < STS_FAILURE_SLOW_US)
		return;
	(void)pthread_mutex_lock(&failures.lock);
	*place_for(warehouse, revision) = (struct failure){ warehouse, revision,
		now_us + STS_FAILURE_US, *why };
	(void)pthread_mutex_unlock(&failures.lock);
}

enum err
sts_failures_check(struct id warehouse, int64_t revision, int64_t now_us,
    struct error *ret_why)
{
	enum err err = OK;

	(void)pthread_mutex_lock(&failures.lock);
	for (size_t i = 0; i < STS_FAILURES_MAX && err == OK; i++) {
		const struct failure *f = &failures.at[i];

		if (f->until_us <= now_us || !is_of(f, warehouse, revision))
			continue;
		*ret_why = f->why;
		err = f->why.code;
	}
	(void)pthread_mutex_unlock(&failures.lock);
	return err;
}
