/*
 * server.c - opens the parent's sockets, and makes a worker of a process.
 *
 * The parent keeps all sockets open: a worker that dies loses its connections
 * and not the queue of connections that wait.
 */
#include "http/server.h"

#include <kore/kore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/priority.h"
#include "http/connection.h"
#include "http/listen.h"
#include "http/listeners.h"
#include "http/read_batch.h"
#include "object/s3_clients.h"

/* Descriptors that are not connections: sockets, stores, files. */
#define FILES_RESERVED 256
#define FILES_OPEN_MAX 96 /* of them, open when a worker starts */

/* Connections of a worker when nobody says: kore sets aside 450 bytes for
 * each at the start. */
#define CONNECTIONS_DEFAULT 20000

#define TICK_MS 250

/* Calls end at the deadline of their request by themselves, and know better
 * what became of them: this much later they are not waited for any more. */
#define OVERDUE_US CLOCK_SECOND

#define DRAIN_WAIT_MS 20

/* How long a connection that was made before a drain has for its request. */
#define NEWCOMERS_US CLOCK_SECOND

/* kore's event loop finds its callback at the start of what it is given. */
struct watch {
	struct kore_event event;
	struct server *server;
};

struct server {
	const struct server_settings *settings;
	pid_t parent;
	uint16_t port;
	bool inherited; /* one socket for all, which others keep open */

	/* in a worker */
	struct arena *arena;
	struct front front;
	struct watch pool_done;

	int fd[]; /* one per worker */
};

/* ---- parent */

/* kore walks through all descriptors that are allowed (133 ns each), and a
 * container may allow a thousand million. */
static enum err
limit_files(int64_t wanted, struct error *e)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return fail(
		    e, ERR_INTERNAL, "Cannot read the limit on open files.");

	int64_t allowed =
	    files.rlim_max > INT32_MAX ? INT32_MAX : (int64_t)files.rlim_max;
	int64_t most = allowed - FILES_RESERVED;

	if (wanted == 0)
		wanted =
		    most < CONNECTIONS_DEFAULT ? most : CONNECTIONS_DEFAULT;
	if (wanted <= 0 || wanted > most)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "%lld connections per worker need %lld open files; the "
		    "system allows %lld.",
		    (long long)wanted, (long long)wanted + FILES_RESERVED,
		    (long long)allowed);
	files.rlim_cur = (rlim_t)(wanted + FILES_RESERVED);
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		return fail(
		    e, ERR_INTERNAL, "Cannot set the limit on open files.");
	worker_max_connections = (u_int32_t)wanted;
	/* kore adds what is open already, and may not exceed the limit */
	worker_rlimit_nofiles = (u_int32_t)files.rlim_cur - FILES_OPEN_MAX;
	return OK;
}

/* One queue that outlives us, or one of our own for each worker. */
static enum err
open_sockets(struct server *s, struct error *e)
{
	const struct server_settings *settings = s->settings;
	int fd;

	TRY(listen_inherited(settings->listen, &fd, &s->port, e));
	if (fd == -1)
		return listen_open(
		    settings->listen, settings->workers, s->fd, &s->port, e);
	s->inherited = true;
	for (unsigned i = 0; i < settings->workers; i++)
		s->fd[i] = fd;
	return OK;
}

enum err
server_listen(const struct server_settings *settings, struct server **ret,
    struct error *e)
{
	struct server *s =
	    calloc(1, sizeof(*s) + settings->workers * sizeof(s->fd[0]));

	if (s == NULL)
		abort();
	s->settings = settings;
	s->parent = getpid();

	enum err err = limit_files(settings->limits->connections, e);

	if (err == OK)
		err = open_sockets(s, e);
	if (err != OK) {
		free(s);
		return err;
	}
	worker_count = (u_int8_t)settings->workers;
	/* threads would inherit the one CPU of their worker */
	worker_set_affinity = 0;
	*ret = s;
	return OK;
}

uint16_t
server_port(const struct server *s)
{
	return s->port;
}

bool
server_is_inherited(const struct server *s)
{
	return s->inherited;
}

/* ---- worker */

/* A worker must not outlive its parent: a second server would join it on the
 * same address (prctl(2): the privilege drop has cleared this before). */
static void
die_with_parent(const struct server *s)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != s->parent)
		_exit(1);
}

/* A signal ends the wait: the main loop, which comes soon, acts on it.  So
 * does the end of the last sibling that serves, which nobody tells. */
static void
wait_for_turn(struct slots slots, unsigned index, struct orders *orders)
{
	static const struct timespec pause = { .tv_nsec = 50000000 };

	while (slot_wait(slots, index, clock_mono_us()) > 0 && sig_recv == 0 &&
	       !atomic_load(&orders->end))
		(void)nanosleep(&pause, NULL);
}

void
server_enter(struct server *s)
{
	struct slots slots = s->settings->slots;
	unsigned index = (unsigned)worker->id - 1;

	die_with_parent(s);
	slot_leave(&slots.at[index]);

	int64_t wait = slot_wait(slots, index, clock_mono_us());

	if (wait > 0)
		log_line(LEVEL_ERROR,
		    "worker %d has died too often: it waits %lld s, or until "
		    "nobody else serves",
		    (int)worker->id, (long long)(wait / CLOCK_SECOND + 1));
	wait_for_turn(slots, index, s->settings->orders);
	slot_born(&slots.at[index], clock_mono_us());
}

static void
pool_done(void *arg, int error)
{
	struct watch *w = arg;

	(void)error;
	connections_answer(pool_collect(w->server->front.pool));
}

/* The certificate that the parent has read last. */
static void
refresh_certificate(const struct front *front)
{
	struct error e = { 0 };

	if (front->acceptor != NULL &&
	    acceptor_refresh(front->acceptor, &e) != OK)
		log_line(LEVEL_ERROR, "worker %d keeps its certificate: %s",
		    (int)worker->id, e.message);
}

/* Of a worker's memory an eighth and 32 MiB are for all that is in no arena:
 * the program, stacks, connections, what the allocator has not given back. */
static void
set_budget(struct front *front)
{
	const struct server_settings *settings = front->settings;
	int64_t all = settings->limits->worker_memory_bytes;
	int64_t rest = all / 8 + (32 << 20) + (int64_t)settings->shared_bytes;
	int64_t budget = rest < all / 4 * 3 ? all - rest : all / 4;
	int64_t most = settings->limits->request_memory_bytes, room;

	budget_set_limit(&process_budget, budget);
	room = budget_reservable(&process_budget);
	front->request_memory = (size_t)(most < room ? most : room);
}

/* Refused requests were answered by a thread; the loop counts them. */
static void
count_passwords(const struct front *front)
{
	struct bulkheads *bulkheads = front->settings->bulkheads;

	if (bulkheads == NULL)
		return;

	struct bulkhead_load load =
	    bulkheads_load(bulkheads, BULKHEAD_PASSWORD);

	slot_set(front->slot, GAUGE_PASSWORDS, load.waiting);
	slot_add(front->slot, GAUGE_SHED, load.refused);
}

/* The clients' counts begin with the process, those of the slot do not. */
static void
count_s3(const struct front *front)
{
	static struct s3_clients_counts before;
	struct s3_clients_counts now = s3_clients_count();

	slot_set(front->slot, GAUGE_S3_CLIENTS, now.clients);
	slot_add(
	    front->slot, GAUGE_S3_REQUESTS, now.requests - before.requests);
	slot_add(front->slot, GAUGE_S3_CONNECTIONS,
	    now.connections - before.connections);
	before = now;
}

/* When the oldest came of those on the pool that may write; INT64_MAX: there
 * is none. */
static int64_t
oldest_write(const struct front *front)
{
	const struct exchange *x;

	TAILQ_FOREACH (x, &front->pooled, list) {
		const struct route *route = x->request.route;

		if (!request_reads(&x->request) &&
		    (route->flags & ROUTE_PUBLIC) == 0)
			return x->begun_us;
	}
	return INT64_MAX;
}

static void
tick(void *arg, u_int64_t now_ms)
{
	struct server *s = arg;
	struct front *front = &s->front;
	int64_t now = clock_mono_us();

	(void)now_ms;
	atomic_store_explicit(&front->slot->beat_us, now, memory_order_relaxed);
	connections_shed(
	    now - s->settings->limits->thread_wait_time_us, now - OVERDUE_US);
	connections_expire(now);
	if (s->settings->bulkheads != NULL)
		bulkheads_tell_next(s->settings->bulkheads, BULKHEAD_MEMORY);
	if (front->draining)
		return;
	refresh_certificate(front);
	listeners_tick(oldest_write(front));
	if (atomic_load(&s->settings->orders->end))
		(void)raise(SIGTERM); /* it came too early for this one */
	slot_set(front->slot, GAUGE_POOLED, (int64_t)front->pooled_count);
	slot_set(front->slot, GAUGE_BODY_BYTES, front->bodies.held);
	slot_set(front->slot, GAUGE_MEMORY_BYTES, budget_held(&process_budget));
	set_budget(front);
	count_passwords(front);
	count_s3(front);
}

enum err
server_start(struct server *s, struct error *e)
{
	const struct server_settings *settings = s->settings;
	unsigned index = (unsigned)worker->id - 1;

	s->arena = arena_new();
	s->front = (struct front){ .settings = settings,
		.router = router_new(s->arena, settings->routes),
		.slot = slot_take(settings->slots, index) };
	front_init(&s->front);
	s->front.read_batch = read_batch_new(&s->front);
	TRY(pool_new(settings->threads, &s->front.pool, e));
	priority_short_slice(); /* its threads would inherit it */
	if (settings->tls != NULL)
		TRY(acceptor_new(settings->tls, settings->tls_min_version,
		    &s->front.acceptor, e));
	connections_init(&s->front);
	TRY(listeners_open(s->fd, s->inherited, settings->slots, index,
	    settings->tls != NULL, e));

	s->pool_done.server = s;
	s->pool_done.event.handle = pool_done;
	kore_platform_event_level_read(pool_fd(s->front.pool), &s->pool_done);
	(void)kore_timer_add(tick, TICK_MS, s, 0);
	tick(s, 0);
	return OK;
}

void
server_end_turn(void)
{
	connections_end_turn();
}

_Noreturn void
server_drain(struct server *s)
{
	int64_t begun = clock_mono_us(), now = begun;

	/* behind everything below, should it hang */
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm((unsigned)(s->settings->grace_us / CLOCK_SECOND) + 2);
	s->front.draining = true;
	listeners_close();
	connections_drain(false);
	while ((s->front.pooled_count != 0 || connections_count() != 0) &&
	       now < begun + s->settings->grace_us) {
		kore_platform_event_wait(DRAIN_WAIT_MS);
		kore_timer_run(kore_time_ms());
		kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
		now = clock_mono_us();
		if (now > begun + NEWCOMERS_US)
			connections_drain(true);
	}
	log_flush(CLOCK_SECOND);
	/* not exit(): threads may still be inside a library.  And not 0: a
	 * worker that was told alone to end is started again by the parent,
	 * which starts none when it ends itself. */
	_exit(1);
}
