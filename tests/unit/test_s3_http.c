/* test_s3_http.c - requests to a server whose name nobody resolves in time. */
#include "object/s3_http.h"

#include <netdb.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int asked, answered; /* these three under the lock */
static bool released;

/* libcurl's resolver finds this one instead of that of the C library. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	(void)pthread_mutex_lock(&lock);
	asked++;
	while (!released)
		(void)pthread_cond_wait(&change, &lock);
	answered++;
	(void)pthread_cond_broadcast(&change);
	(void)pthread_mutex_unlock(&lock);
	return EAI_AGAIN;
}

static void
a_slow_name_server_holds_no_call_beyond_its_deadline(void **state)
{
	const struct s3_http_settings settings = { .connections = 1,
		.any_address = true };
	struct error error;
	struct call call = { .error = &error,
		.arena = arena_new(),
		.deadline_us = clock_mono_us() + 200 * CLOCK_MS };
	struct s3_exchange x = { .method = "GET",
		.url = STR("http://slow.example/"),
		.most = 100,
		.silence_us = 10 * CLOCK_SECOND };
	struct s3_http *http;

	(void)state;
	(void)alarm(20); /* ends a call that waits for the name server */
	assert_int_equal(s3_http_open(&settings, &http, &error), OK);
	assert_int_equal(s3_http_send(http, &call, &x), OK);
	assert_int_equal(x.status, 0);
	s3_http_close(http);

	(void)pthread_mutex_lock(&lock);
	assert_int_equal(asked, 1);
	assert_int_equal(answered, 0);
	released = true;
	(void)pthread_cond_broadcast(&change);
	while (answered == 0)
		(void)pthread_cond_wait(&change, &lock);
	(void)pthread_mutex_unlock(&lock);
	arena_free(call.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_slow_name_server_holds_no_call_beyond_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
