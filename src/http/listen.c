/* listen.c - bind and listen, with errors that name address and port. */
#include "http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel lowers it to net.core.somaxconn. */
#define BACKLOG 4096

#define HOST_MAX 256

/* Where handed over descriptors begin (sd_listen_fds(3)). */
#define INHERITED_FIRST 3

/* "127.0.0.1:8181" or "[::1]:8181" in two; false when it is neither. */
static bool
split_address(struct str address, char host[HOST_MAX], char port[8])
{
	size_t colon = address.len;

	while (colon != 0 && address.ptr[colon - 1] != ':')
		colon--;
	if (colon < 2 || address.len - colon > 5 || address.len == colon)
		return false;

	struct str name = { address.ptr, colon - 1 };

	if (str_starts_with(name, STR("[")) && str_ends_with(name, STR("]")))
		name = (struct str){ name.ptr + 1, name.len - 2 };
	(void)snprintf(port, 8, STR_FMT, STR_ARG(str_skip(address, colon)));
	return snprintf(host, HOST_MAX, STR_FMT, STR_ARG(name)) < HOST_MAX;
}

static enum err
resolve(struct str address, struct sockaddr_storage *ret, socklen_t *ret_len,
    struct error *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char host[HOST_MAX], port[8];

	if (split_address(address, host, port))
		(void)getaddrinfo(host, port, &hints, &found);
	if (found == NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "'" STR_FMT "' is no address to listen on; one looks like "
		    "127.0.0.1:8181 or [::1]:8181.",
		    STR_ARG(address));
	memcpy(ret, found->ai_addr, found->ai_addrlen);
	*ret_len = found->ai_addrlen;
	freeaddrinfo(found);
	return OK;
}

static enum err
cannot_listen(struct str address, int why, struct error *e)
{
	const char *reason = "the system refuses it";

	if (why == EADDRINUSE)
		reason = "another program listens there already";
	else if (why == EACCES)
		reason = "ports below 1024 need CAP_NET_BIND_SERVICE";
	else if (why == EADDRNOTAVAIL)
		reason = "this machine has no such address";
	return fail(e, ERR_UNAVAILABLE, "Cannot listen on " STR_FMT ": %s.",
	    STR_ARG(address), reason);
}

/* IPv4 and IPv6 keep the port in one place. */
static uint16_t
port_of(const struct sockaddr_storage *at)
{
	uint16_t port;

	memcpy(&port, (const char *)at + offsetof(struct sockaddr_in, sin_port),
	    sizeof(port));
	return ntohs(port);
}

/* A socket bound to `at`; -1 and errno.  The port is filled in. */
static int
bound_socket(struct sockaddr_storage *at, socklen_t len, bool in_group)
{
	const int on = 1;
	int fd = socket(
	    at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (in_group && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
			     sizeof(on)) != 0) ||
	    bind(fd, (const struct sockaddr *)at, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)at, &len) != 0) {
		int why = errno;

		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static void
close_all(const int *fd, unsigned count)
{
	while (count != 0)
		(void)close(fd[--count]);
}

enum err
listen_open(struct str address, unsigned count, int *ret_fd, uint16_t *ret_port,
    struct error *e)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = 0;

	TRY(resolve(address, &at, &len, e));

	/* without SO_REUSEPORT: fails while anybody else is there */
	int probe = bound_socket(&at, len, false);

	if (probe == -1)
		return cannot_listen(address, errno, e);
	(void)close(probe);
	for (unsigned i = 0; i < count; i++) {
		ret_fd[i] = bound_socket(&at, len, true);
		if (ret_fd[i] == -1 || listen(ret_fd[i], BACKLOG) != 0) {
			int why = errno;

			close_all(ret_fd, i + (ret_fd[i] != -1));
			return cannot_listen(address, why, e);
		}
	}
	*ret_port = port_of(&at);
	return OK;
}

/* ---- inherited */

/* A number of the environment, which then has it no more; -1: none. */
static int64_t
take_number(const char *name)
{
	const char *text = getenv(name);
	int64_t number;

	if (text == NULL || !str_to_int(str_from(text), &number))
		number = -1;
	(void)unsetenv(name);
	return number;
}

static int64_t
inherited_count(void)
{
	int64_t pid = take_number("LISTEN_PID");
	int64_t count = take_number("LISTEN_FDS");

	(void)unsetenv("LISTEN_FDNAMES");
	return pid == getpid() && count > 0 ? count : 0;
}

static bool
is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	       on != 0;
}

static bool
is_same_address(
    const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family || port_of(a) != port_of(b))
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->ss_family == AF_INET6 &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) ==
		   0;
}

/* Its own address: what may be served where was checked for `address`. */
static enum err
check_inherited(int fd, struct str address, uint16_t *ret_port, struct error *e)
{
	struct sockaddr_storage wanted = { 0 }, at = { 0 };
	socklen_t len = sizeof(at), wanted_len;
	char host[HOST_MAX] = "?", port[8] = "?";

	if (!is_listening(fd) ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "What was handed over by LISTEN_FDS is no socket that "
		    "listens for connections.");
	TRY(resolve(address, &wanted, &wanted_len, e));
	*ret_port = port_of(&at);
	if (is_same_address(&at, &wanted))
		return OK;
	(void)getnameinfo((const struct sockaddr *)&at, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	return fail(e, ERR_ILLEGAL_ARGUMENT,
	    "The socket that was handed over listens on %s port %s, and "
	    "server.listen is " STR_FMT
	    ": make ListenStream of pangolin.socket the same.",
	    host, port, STR_ARG(address));
}

enum err
listen_inherited(
    struct str address, int *ret_fd, uint16_t *ret_port, struct error *e)
{
	int64_t count = inherited_count();
	int fd = INHERITED_FIRST;

	*ret_fd = -1;
	if (count == 0)
		return OK;
	if (count > 1)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "%lld sockets were handed over, and there is one address "
		    "to serve: pangolin.socket needs exactly one ListenStream.",
		    (long long)count);
	TRY(check_inherited(fd, address, ret_port, e));
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return fail(e, ERR_INTERNAL,
		    "The socket that was handed over cannot be used.");
	*ret_fd = fd;
	return OK;
}
