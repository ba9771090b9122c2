/*
 * load.c - asks a server over HTTP/1.1 and tells how soon it answers.
 *
 * Closed loop: each connection asks again as soon as it is answered.  Open
 * loop (-r): requests are due at a fixed rate, and a latency counts from the
 * moment when its request was due, not from when a connection was free to
 * send it: a server that stalls pays for all that waited meanwhile.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/priority.h"

#define SECOND INT64_C(1000000000) /* in nanoseconds, as all times here */
#define GRACE (10 * SECOND)        /* for answers after the last request */
#define HEAD_MAX 4096              /* of an answer */
#define REQUEST_MAX 65536 /* an idle connection takes so much at once */
#define EVENTS 256

struct options {
	const char *host; /* ADDRESS:PORT, as given */
	const char *target;
	const char *method;
	const char *body;
	char headers[REQUEST_MAX / 4]; /* complete lines */
	struct sockaddr_in address;
	uint32_t connections;
	double rate; /* requests a second; 0: closed loop */
	double seconds;
};

struct connection {
	int fd;
	bool asked;        /* a request is not answered yet */
	bool has_head;     /* of its answer; `body_left` is known */
	int64_t due;       /* the request's */
	int64_t body_left; /* bytes of the answer still to come */
	size_t head_len;
	char head[HEAD_MAX + 1];
};

/*
 * Latencies by microsecond, as HDR histograms do it: values below 64 exactly,
 * above with 32 steps for each doubling, so within 3.2 %.
 */
struct histogram {
	uint64_t count[40][64];
	uint64_t total;
	int64_t most; /* microseconds */
};

struct load {
	const struct options *options;
	struct connection *connections;
	uint32_t *idle; /* a ring: the one idle for longest asks next */
	uint32_t idle_first;
	uint32_t idle_count;
	int epoll;
	int64_t start;
	uint64_t asked;
	uint64_t answered;
	uint64_t refused; /* answered, but not by 2xx or 304 */
	uint64_t broken;  /* not answered: the connection was closed */
	struct histogram latency;
};

__attribute__((format(printf, 1, 2))) static _Noreturn void
die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	(void)fputs("load: ", stderr);
	(void)vfprintf(stderr, format, list);
	(void)fputc('\n', stderr);
	va_end(list);
	exit(1);
}

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* ---- latencies */

static void
histogram_add(struct histogram *h, int64_t us)
{
	uint64_t step = us > 0 ? (uint64_t)us : 0;
	unsigned doubling = 0;

	for (; step >= 64; step >>= 1)
		doubling++;
	h->count[doubling][step]++;
	h->total++;
	if (us > h->most)
		h->most = us;
}

/* The least value that a share of all do not exceed. */
static int64_t
histogram_at(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)h->total), seen = 0;

	for (unsigned doubling = 0; doubling < 40; doubling++)
		for (unsigned step = 0; step < 64; step++) {
			seen += h->count[doubling][step];
			if (seen > wanted)
				return (int64_t)step << doubling;
		}
	return h->most;
}

/* ---- connections */

static void
connection_open(struct load *l, uint32_t number)
{
	struct connection *c = &l->connections[number];
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };
	const struct sockaddr_in *to = &l->options->address;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("connection %u: %s", number, strerror(errno));
	(void)setsockopt(
	    c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (connect(c->fd, (const struct sockaddr *)to, sizeof(*to)) != 0)
		die("connection %u: %s", number, strerror(errno));
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
		die("connection %u: %s", number, strerror(errno));
	c->asked = false;
}

static void
make_idle(struct load *l, uint32_t number)
{
	uint32_t size = l->options->connections;

	l->connections[number].asked = false;
	l->idle[(l->idle_first + l->idle_count++) % size] = number;
}

/* The server closed it: what it was asked is lost. */
static void
connection_renew(struct load *l, uint32_t number)
{
	struct connection *c = &l->connections[number];
	bool asked = c->asked;

	(void)close(c->fd);
	connection_open(l, number);
	if (asked) {
		l->broken++;
		make_idle(l, number);
	}
}

/* ---- asking */

/* Copies a template: {c} is the connection, {n} the request; gives the end. */
static char *
expand(char *to, const char *end, const char *from, uint32_t c, uint64_t n)
{
	for (; *from != '\0'; from++) {
		size_t room = (size_t)(end - to);

		if (room < 24)
			die("a request is longer than %d bytes", REQUEST_MAX);
		if (strncmp(from, "{c}", 3) == 0)
			to += snprintf(to, room, "%" PRIu32, c);
		else if (strncmp(from, "{n}", 3) == 0)
			to += snprintf(to, room, "%" PRIu64, n);
		else {
			*to++ = *from;
			continue;
		}
		from += 2;
	}
	*to = '\0';
	return to;
}

static size_t
write_request(char *to, const struct options *o, uint32_t c, uint64_t n)
{
	static char body[REQUEST_MAX];
	const char *end = to + REQUEST_MAX;
	char *at = to;

	at += sprintf(at, "%s ", o->method);
	at = expand(at, end, o->target, c, n);
	at += snprintf(at, (size_t)(end - at), " HTTP/1.1\r\nHost: %s\r\n%s",
	    o->host, o->headers);
	if (at >= end - 64)
		die("a request is longer than %d bytes", REQUEST_MAX);
	if (o->body == NULL) {
		at = stpcpy(at, "\r\n");
		return (size_t)(at - to);
	}
	size_t size =
	    (size_t)(expand(body, body + sizeof(body), o->body, c, n) - body);

	at += sprintf(at, "Content-Length: %zu\r\n\r\n", size);
	if ((size_t)(end - at) <= size)
		die("a request is longer than %d bytes", REQUEST_MAX);
	memcpy(at, body, size);
	return (size_t)(at - to) + size;
}

/* When the next request is due; INT64_MAX: there is none. */
static int64_t
next_due(const struct load *l)
{
	const struct options *o = l->options;
	int64_t end = l->start + (int64_t)(o->seconds * (double)SECOND);
	int64_t due = now();

	if (o->rate > 0)
		due = l->start +
		      (int64_t)((double)l->asked / o->rate * (double)SECOND);
	return due < end ? due : INT64_MAX;
}

static void
ask_what_is_due(struct load *l)
{
	static char request[REQUEST_MAX];

	for (; l->idle_count > 0; l->asked++) {
		int64_t due = next_due(l);

		if (due > now())
			return;
		uint32_t number = l->idle[l->idle_first];
		struct connection *c = &l->connections[number];
		size_t size =
		    write_request(request, l->options, number, l->asked);

		l->idle_first = (l->idle_first + 1) % l->options->connections;
		l->idle_count--;
		c->asked = true;
		c->has_head = false;
		c->head_len = 0;
		c->due = due;
		if (send(c->fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
			connection_renew(l, number);
	}
}

/* ---- being answered */

/* Takes what belongs to the head from `bytes`; gives how much that was. */
static size_t
take_head(struct load *l, struct connection *c, const char *bytes, size_t size)
{
	size_t had = c->head_len, room = HEAD_MAX - had;
	size_t copied = size < room ? size : room;

	memcpy(c->head + had, bytes, copied);
	c->head_len += copied;
	c->head[c->head_len] = '\0';

	char *end = strstr(c->head, "\r\n\r\n");

	if (end == NULL) {
		if (c->head_len == HEAD_MAX)
			die("an answer's head exceeds %d bytes", HEAD_MAX);
		return copied;
	}
	end[2] = '\0';

	const char *length = strcasestr(c->head, "\r\nContent-Length:");
	long status = strtol(c->head + strcspn(c->head, " "), NULL, 10);

	bool empty = status == 204 || status == 304;

	if (length == NULL && !empty)
		die("an answer without Content-Length:\n%s", c->head);
	c->body_left = empty ? 0 : strtoll(length + 17, NULL, 10);
	c->has_head = true;
	l->refused += (status < 200 || status > 299) && status != 304;
	return (size_t)(end + 4 - c->head) - had;
}

static void
receive(struct load *l, uint32_t number)
{
	static char input[1 << 18];
	struct connection *c = &l->connections[number];
	ssize_t got = recv(c->fd, input, sizeof(input), 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0 || !c->asked) {
		connection_renew(l, number);
		return;
	}
	size_t at = 0;

	if (!c->has_head)
		at = take_head(l, c, input, (size_t)got);
	if (!c->has_head)
		return;
	c->body_left -= got - (ssize_t)at;
	if (c->body_left > 0)
		return;
	if (c->body_left < 0)
		die("more bytes than the answer's Content-Length");
	histogram_add(&l->latency, (now() - c->due) / 1000);
	l->answered++;
	make_idle(l, number);
}

/* Sleeps until something arrives or the next request is due. */
static int
wait_for_events(const struct load *l, struct epoll_event *events)
{
	int64_t wait = SECOND / 10, due = next_due(l);

	if (l->idle_count > 0 && due != INT64_MAX)
		wait = due - now();
	if (wait < 0)
		wait = 0;
	struct timespec limit = { wait / SECOND, wait % SECOND };

	return epoll_pwait2(l->epoll, events, EVENTS, &limit, NULL);
}

static bool
is_over(const struct load *l)
{
	int64_t end =
	    l->start + (int64_t)(l->options->seconds * (double)SECOND);

	if (next_due(l) != INT64_MAX)
		return now() > end + GRACE;
	return l->answered + l->broken >= l->asked || now() > end + GRACE;
}

static void
run(struct load *l)
{
	struct epoll_event events[EVENTS];

	l->start = now();
	while (!is_over(l)) {
		ask_what_is_due(l);

		int count = wait_for_events(l, events);

		for (int i = 0; i < count; i++) {
			receive(l, events[i].data.u32);
			ask_what_is_due(l);
		}
	}
}

/* ---- the program */

static void
print(const struct load *l)
{
	const struct histogram *h = &l->latency;
	const struct options *o = l->options;
	double seconds = (double)(now() - l->start) / (double)SECOND;
	uint64_t wanted =
	    o->rate > 0 ? (uint64_t)(o->rate * o->seconds) : l->asked;

	printf("{\"seconds\": %.3f, \"answered\": %" PRIu64
	       ", \"refused\": %" PRIu64 ", \"failed\": %" PRIu64,
	    seconds, l->answered, l->refused,
	    wanted > l->answered ? wanted - l->answered : 0);
	printf(", \"rate\": %.1f, \"p50_us\": %" PRId64 ", \"p99_us\": %" PRId64
	       ", \"p999_us\": %" PRId64 ", \"max_us\": %" PRId64 "}\n",
	    (double)l->answered / seconds, histogram_at(h, 0.5),
	    histogram_at(h, 0.99), histogram_at(h, 0.999), h->most);
}

static void
add_header(struct options *o, const char *line)
{
	size_t had = strlen(o->headers), room = sizeof(o->headers) - had;

	if (strlen(line) + 3 > room)
		die("the headers are too long");
	(void)snprintf(o->headers + had, room, "%s\r\n", line);
}

static void
read_place(struct options *o, const char *place)
{
	char address[INET_ADDRSTRLEN] = "";
	size_t length = strcspn(place, ":");

	if (length < sizeof(address))
		memcpy(address, place, length);
	if (place[length] != ':' ||
	    inet_pton(AF_INET, address, &o->address.sin_addr) != 1)
		die("%s is not ADDRESS:PORT", place);
	o->host = place;
	o->address.sin_family = AF_INET;
	o->address.sin_port =
	    htons((uint16_t)strtoul(place + length + 1, NULL, 10));
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "c:d:r:m:b:H:s")) != -1) {
		if (option == 'c')
			o->connections = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'd')
			o->seconds = strtod(optarg, NULL);
		else if (option == 'r')
			o->rate = strtod(optarg, NULL);
		else if (option == 'm')
			o->method = optarg;
		else if (option == 'b')
			o->body = optarg;
		else if (option == 'H')
			add_header(o, optarg);
		else if (option == 's')
			priority_short_slice();
		else
			optind = argc;
	}
	if (argc - optind != 2 || o->connections == 0 || o->seconds <= 0)
		die("usage: load [-c CONNECTIONS] [-d SECONDS] [-r RATE]\n"
		    "    [-m METHOD] [-b BODY] [-H HEADER]... [-s]"
		    " ADDRESS:PORT TARGET\n"
		    "In BODY and TARGET {c} is the number of the connection,"
		    " {n} of the request.");
	read_place(o, argv[optind]);
	o->target = argv[optind + 1];
}

int
main(int argc, char **argv)
{
	static struct options options = {
		.method = "GET", .connections = 64, .seconds = 3
	};
	static struct load l = { .options = &options };

	read_options(&options, argc, argv);
	l.connections = calloc(options.connections, sizeof(*l.connections));
	l.idle = calloc(options.connections, sizeof(*l.idle));
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.connections == NULL || l.idle == NULL || l.epoll < 0)
		die("no memory for %u connections", options.connections);
	for (uint32_t i = 0; i < options.connections; i++) {
		connection_open(&l, i);
		make_idle(&l, i);
	}
	run(&l);
	print(&l);
	return 0;
}
