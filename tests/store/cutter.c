#include "cutter.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

#define PAIRS 64

struct pair {
	int client, server; /* -1: none */
	bool deaf;          /* the next answer is lost */
};

struct cutter {
	int listening;
	uint16_t port, to_port;
	atomic_int armed; /* enum cut */
	atomic_int skip;
	atomic_bool stop;
	pthread_t thread;
	struct pair pair[PAIRS];
	char bytes[1 << 16];
};

static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
close_pair(struct pair *p)
{
	if (p->client >= 0)
		(void)close(p->client);
	if (p->server >= 0)
		(void)close(p->server);
	*p = (struct pair){ -1, -1, false };
}

static void
accept_one(struct cutter *c)
{
	struct sockaddr_in to = loopback(c->to_port);
	struct pair fresh = { accept(c->listening, NULL, NULL),
		socket(AF_INET, SOCK_STREAM, 0), false };

	if (connect(fresh.server, (struct sockaddr *)&to, sizeof(to)) == 0) {
		for (int i = 0; i < PAIRS; i++)
			if (c->pair[i].client < 0) {
				c->pair[i] = fresh;
				return;
			}
	}
	close_pair(&fresh);
}

static bool
send_all(int fd, const char *bytes, size_t count)
{
	while (count != 0) {
		ssize_t n = send(fd, bytes, count, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		count -= (size_t)n;
	}
	return true;
}

static void
spoil_plan(struct cutter *c, size_t count)
{
	char *at = memmem(c->bytes, count, "EXPLAIN", 7);

	if (at == NULL)
		return;
	*at = 'x';
	atomic_store(&c->armed, CUT_NOTHING);
}

static void
from_client(struct cutter *c, struct pair *p)
{
	ssize_t n = recv(p->client, c->bytes, sizeof(c->bytes), 0);
	bool spoils = atomic_load(&c->armed) == SPOIL_PLAN;
	bool passes = atomic_fetch_sub(&c->skip, 1) > 0 || spoils;
	enum cut cut = passes
			   ? CUT_NOTHING
			   : (enum cut)atomic_exchange(&c->armed, CUT_NOTHING);
	size_t count = n > 0 ? (size_t)n : 0;

	if (spoils)
		spoil_plan(c, count);
	if (cut == CUT_REQUEST)
		count = 0;
	if (cut == CUT_HALF)
		count /= 2;
	p->deaf = cut == CUT_ANSWER;
	if (!send_all(p->server, c->bytes, count) || n <= 0 ||
	    cut == CUT_REQUEST || cut == CUT_HALF)
		close_pair(p);
}

static void
from_server(struct cutter *c, struct pair *p)
{
	ssize_t n = recv(p->server, c->bytes, sizeof(c->bytes), 0);

	if (n <= 0 || p->deaf || !send_all(p->client, c->bytes, (size_t)n))
		close_pair(p);
}

static void *
run(void *arg)
{
	struct cutter *c = arg;

	while (!atomic_load(&c->stop)) {
		struct pollfd p[1 + 2 * PAIRS] = { { c->listening, POLLIN,
		    0 } };

		for (int i = 0; i < PAIRS; i++) {
			p[1 + 2 * i].fd = c->pair[i].client;
			p[2 + 2 * i].fd = c->pair[i].server;
			p[1 + 2 * i].events = p[2 + 2 * i].events = POLLIN;
		}
		(void)poll(p, COUNT_OF(p), 20);
		for (int i = 0; i < PAIRS; i++) {
			if (p[1 + 2 * i].revents != 0)
				from_client(c, &c->pair[i]);
			else if (p[2 + 2 * i].revents != 0)
				from_server(c, &c->pair[i]);
		}
		if (p[0].revents != 0)
			accept_one(c);
	}
	return NULL;
}

struct cutter *
cutter_start(uint16_t to_port)
{
	struct cutter *c = calloc(1, sizeof(*c));
	struct sockaddr_in at = loopback(0);
	socklen_t size = sizeof(at);

	if (c == NULL)
		abort();
	c->to_port = to_port;
	c->listening = socket(AF_INET, SOCK_STREAM, 0);
	for (int i = 0; i < PAIRS; i++)
		c->pair[i] = (struct pair){ -1, -1, false };
	CHECK(bind(c->listening, (struct sockaddr *)&at, size) == 0);
	CHECK(listen(c->listening, PAIRS) == 0);
	CHECK(getsockname(c->listening, (struct sockaddr *)&at, &size) == 0);
	c->port = ntohs(at.sin_port);
	CHECK(pthread_create(&c->thread, NULL, run, c) == 0);
	return c;
}

uint16_t
cutter_port(const struct cutter *c)
{
	return c->port;
}

void
cutter_arm(struct cutter *c, enum cut cut, int skip)
{
	atomic_store(&c->skip, skip);
	atomic_store(&c->armed, cut);
}

int
cutter_is_done(const struct cutter *c)
{
	return atomic_load(&c->armed) == CUT_NOTHING;
}

void
cutter_stop(struct cutter *c)
{
	atomic_store(&c->stop, true);
	(void)pthread_join(c->thread, NULL);
	for (int i = 0; i < PAIRS; i++)
		close_pair(&c->pair[i]);
	(void)close(c->listening);
	free(c);
}
