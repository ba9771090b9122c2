/*
 * listeners.c - accepts on kore's event loop, and watches the siblings.
 *
 * Silence is counted in beats of our own, not by the clock: processes that were
 * frozen together, as a container is, must not kill each other after.
 */
#include "http/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <kore/kore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/connection.h"

#define BEATS_A_SECOND 4
#define ADOPT_AFTER 3 /* beats: 750 ms */
#define KILL_AFTER 40 /* 10 s */

/* A worker that was stopped in the middle of a write keeps the store's lock,
 * which nobody can take from it: it is not forgiven as much while writes of
 * ours wait, and have waited for as long as this. */
#define OBSTRUCTS_AFTER 8 /* 2 s */
#define OBSTRUCTED_US (3 * CLOCK_SECOND / 2)

struct sibling {
	struct listener *listener;
	int64_t beat;    /* the last that was seen */
	unsigned silent; /* our own beats since */
	bool adopted;
};

static struct slots slots;
static unsigned own;
static bool shared; /* nothing to adopt: live workers accept for all */
static struct sibling *siblings; /* by number; the own one is here, too */
static int reserve;   /* given up to accept a connection and refuse it */
static bool over_tls; /* words in the clear would not be understood */

/* ---- accepting */

static void
refuse_connection(int listening)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Retry-After: 1\r\n"
				   "Content-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	(void)close(reserve);

	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd != -1) {
		if (!over_tls)
			(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
		slot_add(&slots.at[own], GAUGE_REFUSED, 1);
	}
	reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Listeners are level-triggered: without an answer at the limit one would
 * keep the loop spinning. */
static void
accept_ready(void *arg, int error)
{
	const struct listener *l = arg;

	(void)error;
	if (worker_active_connections >= worker_max_connections) {
		refuse_connection(l->fd);
		return;
	}
	errno = 0;
	kore_listener_accept(arg, 0);
	if (errno == EMFILE || errno == ENFILE)
		refuse_connection(l->fd);
}

static int
family_of(int fd)
{
	int family = AF_INET;
	socklen_t len = sizeof(family);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
	return family;
}

/* kore's main loop polls the listeners of its servers once we return; those
 * of siblings are taken off its list. */
static enum err
add_listener(int fd, struct listener **ret, struct error *e)
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
	*ret = l;
	return OK;
}

enum err
listeners_open(const int *fd, bool is_shared, struct slots s, unsigned number,
    bool tls, struct error *e)
{
	slots = s;
	own = number;
	shared = is_shared;
	over_tls = tls;
	siblings = calloc(s.count, sizeof(siblings[0]));
	if (siblings == NULL)
		abort();
	for (unsigned i = 0; i < s.count; i++) {
		if (shared && i != own)
			continue;
		TRY(add_listener(fd[i], &siblings[i].listener, e));
		if (i != own)
			LIST_REMOVE(siblings[i].listener, list);
	}
	reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return OK;
}

/* ---- siblings */

static void
adopt(struct sibling *s)
{
	kore_platform_event_schedule(s->listener->fd, EPOLLIN, 0, s->listener);
	s->adopted = true;
}

static void
give_back(struct sibling *s)
{
	kore_platform_disable_read(s->listener->fd);
	s->adopted = false;
}

/* It will be born again.  One that is being born has no pid. */
static void
end_silence(unsigned i, pid_t pid, bool obstructs)
{
	unsigned beats = siblings[i].silent;

	siblings[i].silent = ADOPT_AFTER;
	if (pid == 0)
		return;
	log_line(LEVEL_ERROR, "worker %u has hung for %u s%s: it is killed",
	    i + 1, beats / BEATS_A_SECOND,
	    obstructs ? ", and writes wait" : "");
	(void)kill(pid, SIGKILL);
}

static void
watch(unsigned i, bool writes_wait)
{
	struct sibling *s = &siblings[i];
	/* in this order: a new pid comes after a new beat */
	pid_t pid = atomic_load(&slots.at[i].pid);
	int64_t beat = atomic_load(&slots.at[i].beat_us);

	s->silent = beat == s->beat ? s->silent + 1 : 0;
	s->beat = beat;
	if (s->silent >= ADOPT_AFTER && !s->adopted && !shared)
		adopt(s);
	else if (s->silent == 0 && s->adopted)
		give_back(s);
	if (s->silent >= KILL_AFTER)
		end_silence(i, pid, false);
	else if (s->silent >= OBSTRUCTS_AFTER && writes_wait)
		end_silence(i, pid, true);
}

void
listeners_tick(int64_t oldest_write_us)
{
	bool writes_wait = clock_mono_us() - oldest_write_us > OBSTRUCTED_US;

	for (unsigned i = 0; i < slots.count; i++) {
		if (i != own)
			watch(i, writes_wait);
	}
}

/* The socket ends with this worker: connections in its queue would be reset. */
static void
accept_the_rest(struct listener *l)
{
	size_t before;

	do {
		before = connections_count();
		l->evt.flags |= KORE_EVENT_READ;
		accept_ready(l, 0);
	} while (connections_count() > before);
}

void
listeners_close(void)
{
	struct listener *l = siblings[own].listener;

	for (unsigned i = 0; i < slots.count; i++) {
		if (siblings[i].adopted)
			give_back(&siblings[i]);
	}
	if (!shared)
		accept_the_rest(l);
	kore_platform_disable_accept();
	if (!shared)
		(void)shutdown(l->fd, SHUT_RDWR);
}
