/* test_listen.c - sockets of one group, and who may not have them. */
#include "http/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void
close_all(const int *fd, int count)
{
	for (int i = 0; i < count; i++)
		(void)close(fd[i]);
}

/* Whether somebody accepts on the port of the loopback. */
static bool
connects(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool done = connect(fd, (const void *)&to, sizeof(to)) == 0;

	(void)close(fd);
	return done;
}

static void
opens_a_socket_for_each_worker_on_one_port(void **state)
{
	struct error e;
	uint16_t port;
	int fd[4];

	(void)state;
	assert_int_equal(listen_open(STR("127.0.0.1:0"), 4, fd, &port, &e), OK);
	assert_int_not_equal(port, 0);
	for (int i = 0; i < 4; i++) {
		struct sockaddr_in at;
		socklen_t len = sizeof(at);

		assert_int_equal(
		    getsockname(fd[i], (struct sockaddr *)(void *)&at, &len),
		    0);
		assert_int_equal(ntohs(at.sin_port), port);
	}
	assert_true(connects(port));
	close_all(fd, 4);
	assert_false(connects(port));
}

static void
refuses_an_address_that_another_group_has(void **state)
{
	struct error e;
	uint16_t port, other;
	char address[32];
	int fd[1], none[1];

	(void)state;
	assert_int_equal(listen_open(STR("127.0.0.1:0"), 1, fd, &port, &e), OK);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	assert_int_equal(listen_open(str_from(address), 1, none, &other, &e),
	    ERR_UNAVAILABLE);
	assert_non_null(strstr(e.message, address));
	close_all(fd, 1);
	assert_int_equal(listen_open(str_from(address), 1, fd, &port, &e), OK);
	close_all(fd, 1);
}

static void
listens_on_ipv6(void **state)
{
	struct error e;
	uint16_t port;
	int fd[1];

	(void)state;
	assert_int_equal(listen_open(STR("[::1]:0"), 1, fd, &port, &e), OK);
	close_all(fd, 1);
}

static void
says_how_an_address_looks(void **state)
{
	static const char *const bad[] = { "", "8181", ":8181", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:http", "127.0.0.1:123456", "[::1]",
		"256.0.0.1:1x" };
	struct error e;
	uint16_t port;
	int fd[1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    listen_open(str_from(bad[i]), 1, fd, &port, &e),
		    ERR_ILLEGAL_ARGUMENT);
		assert_non_null(strstr(e.message, "127.0.0.1:8181"));
	}
}

/* As a service manager hands over the socket `from`: descriptor 3. */
static void
hand_over(int from, const char *count, pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	assert_int_equal(setenv("LISTEN_PID", text, 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
	if (from != 3)
		assert_int_equal(dup2(from, 3), 3);
}

static void
takes_the_socket_it_was_started_with(void **state)
{
	struct error e;
	uint16_t port, found;
	char address[32];
	int fd[1], taken;

	(void)state;
	assert_int_equal(listen_open(STR("127.0.0.1:0"), 1, fd, &port, &e), OK);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	hand_over(fd[0], "1", getpid());
	assert_int_equal(
	    listen_inherited(str_from(address), &taken, &found, &e), OK);
	assert_int_equal(taken, 3);
	assert_int_equal(found, port);
	assert_int_equal(fcntl(3, F_GETFD), FD_CLOEXEC);
	assert_null(getenv("LISTEN_FDS"));

	/* once: nobody else is to find it */
	assert_int_equal(
	    listen_inherited(str_from(address), &taken, &found, &e), OK);
	assert_int_equal(taken, -1);

	hand_over(3, "1", getppid());
	assert_int_equal(
	    listen_inherited(str_from(address), &taken, &found, &e), OK);
	assert_int_equal(taken, -1);

	hand_over(3, "2", getpid());
	assert_int_equal(
	    listen_inherited(str_from(address), &taken, &found, &e),
	    ERR_ILLEGAL_ARGUMENT);
	(void)close(3);
	if (fd[0] != 3)
		(void)close(fd[0]);
}

static void
refuses_a_socket_on_another_address(void **state)
{
	static const char *const hosts[] = { "127.0.0.2", "0.0.0.0", "[::1]" };
	struct error e;
	uint16_t port, found;
	char address[32];
	int fd[1], taken;

	(void)state;
	assert_int_equal(listen_open(STR("127.0.0.1:0"), 1, fd, &port, &e), OK);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		(void)snprintf(
		    address, sizeof(address), "%s:%d", hosts[i], port);
		hand_over(fd[0], "1", getpid());
		assert_int_equal(
		    listen_inherited(str_from(address), &taken, &found, &e),
		    ERR_ILLEGAL_ARGUMENT);
		assert_non_null(strstr(e.message, address));
	}
	(void)close(3);
	if (fd[0] != 3)
		(void)close(fd[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_socket_for_each_worker_on_one_port),
		cmocka_unit_test(refuses_an_address_that_another_group_has),
		cmocka_unit_test(listens_on_ipv6),
		cmocka_unit_test(says_how_an_address_looks),
		cmocka_unit_test(takes_the_socket_it_was_started_with),
		cmocka_unit_test(refuses_a_socket_on_another_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
