#include "tasks/auditor.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/background.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/priority.h"
#include "calls/store_call.h"
#include "calls/usage.h"
#include "config/limits.h"
#include "shm/shared_lock.h"
#include "shm/slots.h"
#include "tasks/audit_follower.h"
#include "tasks/audit_requests.h"

#define EVERY_US (500 * CLOCK_MS)
#define CALL_US (5 * CLOCK_SECOND)
#define LOOK_EVERY_US (300 * CLOCK_SECOND)
#define PURGE_EVERY_US (60 * CLOCK_SECOND)
#define PURGE_ROWS 500
#define NOTES 256 /* looked at together */
#define REQUESTS 64
#define REQUEST_PAGES (REQUEST_NOTES / REQUESTS)
#define FOLLOW_US (2 * CLOCK_SECOND) /* then refusals have a turn */

struct auditor_shared {
	struct shared_lock turn;
	_Atomic bool look;         /* at all branches */
	int64_t look_us, purge_us; /* under `turn`: clock_mono_us() of the
				    * next time */
};

struct auditor {
	struct auditor_settings settings;
	struct arena *arena;
	struct usage usage;
	struct error error;
	struct commit_note *notes;
	struct request_note *requests;
	int64_t requests_lost;
	bool failing; /* it has been logged */
	_Atomic bool stopping;
	int wake, ended; /* eventfds: it is to stop, it has stopped */
};

struct auditor_shared *
auditor_shared_new(struct shm *shm)
{
	struct auditor_shared *s = SHM_NEW(shm, struct auditor_shared, 1);

	shared_lock_init(&s->turn);
	return s;
}

size_t
auditor_shared_size(void)
{
	return shm_size(sizeof(struct auditor_shared), 1);
}

/* ---- between the threads: a wait of a condition would depend on a clock that
 * tests set */
static bool
is_stopping(struct auditor *a)
{
	return atomic_load(&a->stopping);
}

static void
signal_fd(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void
wait_for(int fd, int64_t us)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	(void)poll(&p, 1, (int)(us / CLOCK_MS));
}

static struct call
new_call(struct auditor *a)
{
	int64_t room = budget_reservable(&process_budget);
	int64_t most = a->settings.limits->request_memory_bytes;

	arena_reset(a->arena);
	arena_set_ceiling(a->arena, (size_t)(most < room ? most : room));
	a->usage = (struct usage){ 0 };
	return (struct call){ .store = a->settings.store,
		.arena = a->arena,
		.error = &a->error,
		.usage = &a->usage,
		.deadline_us = clock_mono_us() + CALL_US };
}

/* ---- commits */
static int64_t
since_us(const struct auditor *a)
{
	int64_t kept = a->settings.retention_us;

	return kept != 0 ? clock_now_us() - kept : INT64_MIN;
}

/* Of a log that is long the rest is found by the next look. */
static bool
must_leave(struct auditor *a, int64_t until_us)
{
	if (clock_mono_us() < until_us)
		return false;
	atomic_store(&a->settings.shared->look, true);
	return true;
}

static enum err
follow(struct auditor *a, int64_t branch, struct commit_note *notes,
    size_t count, int64_t until_us, bool *ret_done)
{
	bool more = true;

	while (more && !must_leave(a, until_us)) {
		struct call call = new_call(a);

		TRY(audit_follow(
		    &call, branch, notes, count, since_us(a), &more));
	}
	*ret_done = !more;
	return OK;
}

static int
compare_notes(const void *va, const void *vb)
{
	const struct commit_note *a = va, *b = vb;

	return a->branch < b->branch ? -1 : a->branch > b->branch;
}

/* The notes of a branch stand together.  Those of rows that there was no time
 * for wait. */
static enum err
follow_noted(struct auditor *a, size_t count, int64_t until_us, bool *ret_done)
{
	struct commit_note *note = a->notes;

	*ret_done = true;
	qsort(a->notes, count, sizeof(*a->notes), compare_notes);
	for (size_t n; count != 0; note += n, count -= n) {
		for (n = 1; n < count && note[n].branch == note->branch; n++)
			continue;
		TRY(follow(a, note->branch, note, n, until_us, ret_done));
		if (!*ret_done)
			return OK;

		struct call call = new_call(a);

		TRY(audit_complete(&call, note, n));
	}
	return OK;
}

static enum err
all_noted(struct auditor *a, int64_t until_us)
{
	struct shared_ring *ring = a->settings.notes->commits;
	bool done;
	size_t n;

	do {
		n = shared_ring_look(ring, a->notes, NOTES);
		TRY(follow_noted(a, n, until_us, &done));
		if (!done)
			return OK;
		shared_ring_drop(ring, n);
	} while (n == NOTES && !must_leave(a, until_us));
	return OK;
}

static enum err
follow_all(struct auditor *a, int64_t until_us)
{
	struct audit_behind behind;
	int64_t after = 0;
	bool done;

	do {
		struct call call = new_call(a);

		TRY(audit_find_behind(&call, &after, &behind));
		for (size_t i = 0; i < behind.count; i++)
			TRY(follow(
			    a, behind.branch[i], NULL, 0, until_us, &done));
	} while (after != 0 && !must_leave(a, until_us));
	return OK;
}

static enum err
commits(struct auditor *a)
{
	struct auditor_shared *s = a->settings.shared;
	int64_t now = clock_mono_us();

	if (shared_ring_lost(a->settings.notes->commits) != 0)
		atomic_store(&s->look, true);
	TRY(all_noted(a, now + FOLLOW_US));
	if (!atomic_exchange(&s->look, false) && now < s->look_us)
		return OK;
	s->look_us = now + LOOK_EVERY_US;
	if (follow_all(a, now + FOLLOW_US) == OK)
		return OK;
	atomic_store(&s->look, true);
	return a->error.code;
}

/* ---- requests */
static enum err
requests(struct auditor *a)
{
	struct shared_ring *ring = a->settings.notes->requests;
	struct refusal_room room = REFUSAL_ROOM;
	size_t n = REQUESTS;

	for (int i = 0; i < REQUEST_PAGES && n == REQUESTS; i++) {
		struct call call = new_call(a);
		enum err err;

		n = shared_ring_look(ring, a->requests, REQUESTS);
		err = audit_write_requests(
		    &call, a->requests, n, &room, &a->requests_lost);
		if (err != OK && err != ERR_BAD_REQUEST)
			return err;
		/* what the store will never take is dropped, too */
		shared_ring_drop(ring, n);
	}
	a->requests_lost += shared_ring_lost(ring);
	if (a->requests_lost == 0)
		return OK;

	struct call call = new_call(a);

	TRY(audit_write_lost(&call, a->requests_lost));
	slot_add_on_thread(
	    a->settings.slot, GAUGE_AUDIT_COUNTED, a->requests_lost);
	a->requests_lost = 0;
	return OK;
}

/* ---- what is too old */
static enum err
purge_some(struct auditor *a, bool *ret_more)
{
	const struct test old = { ENTRY_AT_US, TEST_LT,
		value_int(since_us(a)) };
	const struct scan scan = { .entity = ENTITY_AUDIT_LOGS,
		.index = AUDIT_BY_TIME,
		.limit = PURGE_ROWS,
		.where = &old,
		.where_count = 1 };
	struct call call = new_call(a);
	struct batch b = batch_of(&call);
	enum verdict verdict;
	struct rows rows;
	size_t failed;

	TRY(store_scan(&call, &scan, &rows));
	*ret_more = rows.next.ptr != NULL;
	for (size_t i = 0; i < rows.count; i++)
		batch_delete(&b, ENTITY_AUDIT_LOGS, rows.row[i][ENTRY_ID]);
	return b.count != 0 ? batch_apply(&b, 0, &verdict, &failed) : OK;
}

static enum err
purge(struct auditor *a)
{
	struct auditor_shared *s = a->settings.shared;
	bool more = true;

	if (a->settings.retention_us == 0 || clock_mono_us() < s->purge_us)
		return OK;
	while (more && !is_stopping(a))
		TRY(purge_some(a, &more));
	s->purge_us = clock_mono_us() + PURGE_EVERY_US;
	return OK;
}

/* ---- the thread */
static void
report(struct auditor *a, enum err err)
{
	if (err != OK && !a->failing)
		log_line(
		    LEVEL_WARN, "the audit log waits: %s", a->error.message);
	if (err == OK && a->failing)
		log_line(LEVEL_INFO, "the audit log goes on");
	a->failing = err != OK;
}

static void
write_all(struct auditor *a)
{
	enum err err;

	if (!shared_lock_try(&a->settings.shared->turn))
		return;
	err = commits(a);
	if (err == OK)
		err = requests(a);
	if (err == OK)
		err = purge(a);
	report(a, err);
	shared_lock_drop(&a->settings.shared->turn);
}

static void *
thread_main(void *arg)
{
	struct auditor *a = arg;

	priority_lower(NICE_TASKS);
	while (!is_stopping(a)) {
		write_all(a);
		wait_for(a->wake, EVERY_US);
	}
	write_all(a);
	signal_fd(a->ended);
	return NULL;
}

enum err
auditor_start(const struct auditor_settings *settings, struct auditor **ret,
    struct error *e)
{
	struct auditor *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	a->settings = *settings;
	a->arena = arena_new();
	a->notes = calloc(NOTES, sizeof(*a->notes));
	a->requests = calloc(REQUESTS, sizeof(*a->requests));
	if (a->notes == NULL || a->requests == NULL)
		abort();
	atomic_store(&settings->shared->look, true);
	a->wake = eventfd(0, EFD_CLOEXEC);
	a->ended = eventfd(0, EFD_CLOEXEC);
	if (a->wake < 0 || a->ended < 0 ||
	    background_start(thread_main, a) != 0)
		return fail(e, ERR_INTERNAL,
		    "Cannot start the thread of the audit log; check the "
		    "limits "
		    "on processes and open files.");
	*ret = a;
	return OK;
}

void
auditor_stop(struct auditor *a, int64_t wait_us)
{
	if (a == NULL)
		return;
	atomic_store(&a->stopping, true);
	signal_fd(a->wake);
	wait_for(a->ended, wait_us);
}
