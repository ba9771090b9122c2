/*
 * server.c - the parent's sockets, and what makes a worker of a process.
 *
 * The parent keeps all sockets open: a worker that dies loses its connections
 * and not the queue of those that still knock.
 */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <kore/kore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/listen.h"

/* Descriptors that are not connections: sockets, stores, files. */
#define FILES_RESERVED 256
#define FILES_OPEN_MAX 96 /* of them, open when a worker starts */

/* Connections of a worker when nobody says: kore sets aside 450 bytes for
 * each at the start. */
#define CONNECTIONS_DEFAULT 20000

#define TICK_MS 250
#define DRAIN_WAIT_MS 20

/* kore's event loop finds its callback at the start of what it is given. */
struct watch {
	struct kore_event event;
	struct server *server;
};

struct server {
	const struct server_settings *settings;
	pid_t parent;
	uint16_t port;

	/* in a worker */
	struct arena *arena;
	struct front front;
	struct watch pool_done;
	struct listener *listener;
	int reserve; /* given up to accept a connection and refuse it */

	int fd[]; /* one per worker */
};

/* The one of this worker: kore's callbacks are not told. */
static struct server *serving;

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
		err = listen_open(
		    settings->listen, settings->workers, s->fd, &s->port, e);
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

/* ---- accepting */

static void
refuse_connection(struct server *s)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Retry-After: 1\r\n"
				   "Content-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	(void)close(s->reserve);

	int fd =
	    accept4(s->listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd != -1) {
		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
		slot_add(s->front.slot, GAUGE_REFUSED, 1);
	}
	s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* The listener is level-triggered: without an answer at the limit it would
 * keep the loop spinning. */
static void
accept_ready(void *arg, int error)
{
	(void)error;
	if (worker_active_connections >= worker_max_connections) {
		refuse_connection(serving);
		return;
	}
	errno = 0;
	kore_listener_accept(arg, 0);
	if (errno == EMFILE || errno == ENFILE)
		refuse_connection(serving);
}

static int
family_of(int fd)
{
	int family = AF_INET;
	socklen_t len = sizeof(family);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
	return family;
}

/* kore's main loop polls the listeners of its servers once we return. */
static enum err
add_listener(struct server *s, int fd, struct error *e)
{
	struct kore_server *server = kore_server_lookup("catalog");

	if (server == NULL)
		return fail(
		    e, ERR_INTERNAL, "kore.conf has no server 'catalog'.");

	struct listener *l = kore_listener_create(server);

	l->family = family_of(fd);
	l->fd = fd;
	l->evt.handle = accept_ready;
	l->connect = kore_runtime_getcall("http_connection_accept");
	if (l->connect == NULL)
		return fail(e, ERR_INTERNAL,
		    "The program does not export http_connection_accept.");
	s->listener = l;
	s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return OK;
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

static void
pool_done(void *arg, int error)
{
	struct watch *w = arg;

	(void)error;
	connections_answer(pool_collect(w->server->front.pool));
}

static void
tick(void *arg, u_int64_t now_ms)
{
	struct server *s = arg;
	struct front *front = &s->front;
	int64_t now = clock_mono_us();

	(void)now_ms;
	atomic_store_explicit(&front->slot->beat_us, now, memory_order_relaxed);
	pool_expire(
	    front->pool, now - s->settings->limits->thread_wait_time_us);
	connections_expire(now);
	slot_set(front->slot, GAUGE_POOLED, (int64_t)front->pooled);
	slot_set(front->slot, GAUGE_BODY_BYTES, front->bodies.held);
}

enum err
server_start(struct server *s, struct error *e)
{
	const struct server_settings *settings = s->settings;
	unsigned index = (unsigned)worker->id - 1;

	die_with_parent(s);
	serving = s;
	s->arena = arena_new();
	s->front = (struct front){ .settings = settings,
		.router = router_new(s->arena, settings->routes),
		.slot = slot_take(settings->slots, index) };
	TRY(pool_new(settings->threads, &s->front.pool, e));
	connections_init(&s->front);
	TRY(add_listener(s, s->fd[index], e));

	s->pool_done.server = s;
	s->pool_done.event.handle = pool_done;
	kore_platform_event_level_read(pool_fd(s->front.pool), &s->pool_done);
	(void)kore_timer_add(tick, TICK_MS, s, 0);
	tick(s, 0);
	return OK;
}

/* Who has already been let in by the kernel is served, too. */
static void
stop_accepting(struct server *s)
{
	size_t before;

	do {
		before = connections_count();
		s->listener->evt.flags |= KORE_EVENT_READ;
		accept_ready(s->listener, 0);
	} while (connections_count() > before);
	kore_platform_disable_accept();
	(void)shutdown(s->listener->fd, SHUT_RDWR);
}

_Noreturn void
server_drain(struct server *s)
{
	int64_t end = clock_mono_us() + s->settings->grace_us;

	/* behind everything below, should it hang */
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm((unsigned)(s->settings->grace_us / CLOCK_SECOND) + 2);
	s->front.draining = true;
	stop_accepting(s);
	connections_drain();
	while ((s->front.pooled != 0 || connections_count() != 0) &&
	       clock_mono_us() < end) {
		kore_platform_event_wait(DRAIN_WAIT_MS);
		kore_timer_run(kore_time_ms());
		kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
	}
	log_flush(CLOCK_SECOND);
	/* not exit(): threads may still be inside a library */
	_exit(0);
}
