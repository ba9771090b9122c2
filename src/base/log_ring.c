/* log_ring.c - a ring of bytes, and the thread that empties it. */
#include "base/log_ring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define STACK_BYTES ((size_t)128 * 1024)

/* How long a line waits for others to leave with it. */
#define GATHER_US (5 * CLOCK_MS)

struct log_ring {
	pthread_mutex_t mutex;
	pthread_cond_t filled, emptied;
	int fd;
	log_gap_line *gap_line;
	_Atomic int64_t *drops;

	/* under the mutex, which is never held over a system call */
	bool writing;
	int64_t missing; /* dropped, and not told yet */
	size_t first, used;
	char data[LOG_RING_BYTES];
};

bool
log_write_all(int fd, const char *at, size_t n)
{
	while (n != 0) {
		ssize_t done = write(fd, at, n);

		if (done >= 0) {
			at += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			struct pollfd out = { .fd = fd, .events = POLLOUT };

			(void)poll(&out, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void
drop(struct log_ring *r, int64_t lines)
{
	r->missing += lines;
	atomic_fetch_add_explicit(r->drops, lines, memory_order_relaxed);
}

/* ---- bytes in and out of the ring */
static void
put(struct log_ring *r, struct str s)
{
	size_t at = (r->first + r->used) % LOG_RING_BYTES;
	size_t fits = LOG_RING_BYTES - at;
	size_t n = s.len < fits ? s.len : fits;

	memcpy(r->data + at, s.ptr, n);
	memcpy(r->data, s.ptr + n, s.len - n);
	r->used += s.len;
}

/* As many whole lines as one write takes. */
static size_t
take(struct log_ring *r, char batch[LOG_LINE_MAX])
{
	size_t n = r->used < LOG_LINE_MAX ? r->used : LOG_LINE_MAX;
	size_t fits = LOG_RING_BYTES - r->first;
	size_t head = n < fits ? n : fits;

	memcpy(batch, r->data + r->first, head);
	memcpy(batch + head, r->data, n - head);

	const char *end = memrchr(batch, '\n', n);

	n = (size_t)(end + 1 - batch);
	r->first = (r->first + n) % LOG_RING_BYTES;
	r->used -= n;
	return n;
}

/* ---- the thread; the mutex is held between these functions */
static void
gather(struct log_ring *r)
{
	const struct timespec moment = { .tv_nsec = GATHER_US * 1000 };

	if (r->used >= LOG_LINE_MAX)
		return;
	(void)pthread_mutex_unlock(&r->mutex);
	(void)nanosleep(&moment, NULL);
	(void)pthread_mutex_lock(&r->mutex);
}

static bool
write_unlocked(struct log_ring *r, const char *at, size_t n)
{
	(void)pthread_mutex_unlock(&r->mutex);

	bool written = log_write_all(r->fd, at, n);

	(void)pthread_mutex_lock(&r->mutex);
	return written;
}

static int64_t
lines_in(const char *at, size_t n)
{
	int64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += at[i] == '\n';
	return lines;
}

static void
tell_missing(struct log_ring *r)
{
	int64_t missing = r->missing;

	if (missing == 0)
		return;

	struct arena *a = arena_new();
	struct str line = r->gap_line(a, missing);

	r->missing = 0;
	if (!write_unlocked(r, line.ptr, line.len))
		r->missing += missing;
	arena_free(a);
}

static void *
empty_for_ever(void *arg)
{
	struct log_ring *r = arg;
	char batch[LOG_LINE_MAX];

	(void)pthread_mutex_lock(&r->mutex);
	for (;;) {
		while (r->used == 0)
			(void)pthread_cond_wait(&r->filled, &r->mutex);
		r->writing = true;
		gather(r);

		size_t n = take(r, batch);

		if (write_unlocked(r, batch, n))
			tell_missing(r);
		else
			drop(r, lines_in(batch, n));
		r->writing = false;
		if (r->used == 0)
			(void)pthread_cond_broadcast(&r->emptied);
	}
	return NULL;
}

static enum err
start(struct log_ring *r, struct error *e)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);

	int failed = pthread_create(&thread, &attr, empty_for_ever, r);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (failed != 0)
		return fail(
		    e, ERR_INTERNAL, "The thread of the log does not start.");
	return OK;
}

enum err
log_ring_new(int fd, log_gap_line *gap_line, _Atomic int64_t *drops,
    struct log_ring **ret, struct error *e)
{
	struct log_ring *r = calloc(1, sizeof(*r));
	pthread_condattr_t monotonic;

	if (r == NULL)
		abort();
	r->fd = fd;
	r->gap_line = gap_line;
	r->drops = drops;
	(void)pthread_mutex_init(&r->mutex, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->filled, NULL);
	(void)pthread_cond_init(&r->emptied, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);

	enum err err = start(r, e);

	if (err == OK)
		*ret = r;
	else
		free(r);
	return err;
}

void
log_ring_add(struct log_ring *r, struct str line)
{
	(void)pthread_mutex_lock(&r->mutex);
	if (line.len > LOG_LINE_MAX || line.len > LOG_RING_BYTES - r->used) {
		drop(r, 1);
	} else {
		put(r, line);
		if (r->used == line.len) /* the thread may be asleep */
			(void)pthread_cond_signal(&r->filled);
	}
	(void)pthread_mutex_unlock(&r->mutex);
}

void
log_ring_flush(struct log_ring *r, int64_t wait_us)
{
	int64_t end = clock_mono_us() + wait_us;
	struct timespec until = { .tv_sec = end / CLOCK_SECOND,
		.tv_nsec = end % CLOCK_SECOND * 1000 };
	int late = 0;

	(void)pthread_mutex_lock(&r->mutex);
	while ((r->used != 0 || r->writing) && late == 0)
		late = pthread_cond_timedwait(&r->emptied, &r->mutex, &until);
	(void)pthread_mutex_unlock(&r->mutex);
}
