/*
 * test_stream.c - the server's end of TLS on one end of a socket pair, and
 * OpenSSL as a client on the other: bytes, ends, tickets, new certificates.
 */
#include "tls/stream.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>

#include "tests/unit/scratch.h"
#include "tls/self_signed.h"
#include "tls/tls_context.h"

#define MANY 300000

struct fixture {
	struct tls_shared *shared;
	struct acceptor *acceptor;
	struct self_signed own;
	char certificate[128], key[128];

	struct stream stream;
	SSL_CTX *context;
	SSL *client;
	int fd;
	SSL_SESSION *session; /* the last that the client was given; a copy,
				 because OpenSSL spoils those it has used */
};

static char much[MANY], got[MANY];

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct fixture *f = SSL_get_app_data(ssl);

	SSL_SESSION_free(f->session);
	f->session = SSL_SESSION_dup(session);
	return 0;
}

/* A certificate of other names, so another one. */
static void
publish(struct fixture *f, const char *name)
{
	struct arena *a = arena_new();
	struct str names[] = { str_from(name) };
	struct credential credential;
	struct error e;
	bool made = false;

	f->own.names = (struct str_list){ names, 1, 1 };
	assert_int_equal(self_signed_keep(&f->own, &made, &e), OK);
	assert_true(made);
	assert_int_equal(credential_read(a, f->own.files, &credential, &e), OK);
	tls_shared_publish(f->shared, &credential, 0);
	f->own.names = (struct str_list){ 0 };
	arena_free(a);
}

static int
set_up(void **state)
{
	static struct fixture f;
	struct error e;

	make_scratch();
	(void)signal(SIGPIPE, SIG_IGN);
	memset(&f, 0, sizeof(f));
	(void)snprintf(f.certificate, sizeof(f.certificate), "%s/c", scratch);
	(void)snprintf(f.key, sizeof(f.key), "%s/k", scratch);
	f.own = (struct self_signed){ .files = { f.certificate, f.key },
		.uid = (uid_t)-1 };
	assert_int_equal(tls_shared_new(&f.shared, &e), OK);
	publish(&f, "first");
	assert_int_equal(acceptor_new(f.shared, TLS_1_2, &f.acceptor, &e), OK);
	f.context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_session_cache_mode(f.context, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(f.context, keep_session);
	for (size_t i = 0; i < MANY; i++)
		much[i] = (char)(i * 7 + i / 251);
	f.fd = -1;
	*state = &f;
	return 0;
}

static void
hang_up(struct fixture *f)
{
	if (f->fd == -1)
		return;
	stream_clear(&f->stream, true);
	(void)close(f->stream.fd);
	SSL_free(f->client);
	(void)close(f->fd);
	f->fd = -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	hang_up(f);
	SSL_SESSION_free(f->session);
	SSL_CTX_free(f->context);
	acceptor_free(f->acceptor);
	remove_scratch();
	return 0;
}

static void
call(struct fixture *f, struct acceptor *acceptor)
{
	int pair[2];

	hang_up(f);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->fd = pair[1];
	stream_init(&f->stream, pair[0], acceptor);
	f->client = SSL_new(f->context);
	(void)SSL_set_fd(f->client, f->fd);
	(void)SSL_set_app_data(f->client, f);
	if (f->session != NULL) {
		SSL_SESSION *copy = SSL_SESSION_dup(f->session);

		(void)SSL_set_session(f->client, copy);
		SSL_SESSION_free(copy);
	}
}

static void
meet(struct fixture *f, struct acceptor *acceptor)
{
	enum handshake server = HANDSHAKE_WAITS;
	int client = 0;

	call(f, acceptor);
	for (int i = 0; i < 10 && (client != 1 || server != HANDSHAKE_DONE);
	     i++) {
		client = SSL_connect(f->client);
		if (server == HANDSHAKE_WAITS)
			server = stream_shake_hands(&f->stream);
	}
	assert_int_equal(client, 1);
	assert_int_equal(server, HANDSHAKE_DONE);
}

/* What the client has been sent until now. */
static size_t
hear(struct fixture *f)
{
	size_t len = 0, n;

	while (len < MANY &&
	       SSL_read_ex(f->client, got + len, MANY - len, &n) == 1)
		len += n;
	return len;
}

static ssize_t
send_text(struct fixture *f, const char *text)
{
	struct iovec piece = { (void *)(uintptr_t)text, strlen(text) };

	return stream_send(&f->stream, &piece, 1);
}

static void
passes_bytes_both_ways(void **state)
{
	struct fixture *f = *state;
	char text[] = "one two";
	struct iovec piece[] = { { text, 4 }, { text, 0 }, { text + 4, 3 } };

	meet(f, f->acceptor);
	assert_int_equal(SSL_write(f->client, "hello", 5), 5);
	assert_int_equal(stream_receive(&f->stream, got, 100), 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(stream_send(&f->stream, piece, 3), 7);
	assert_int_equal(hear(f), 7);
	assert_memory_equal(got, "one two", 7);
}

static void
a_short_receive_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	meet(f, f->acceptor);
	assert_int_equal(SSL_write_ex(f->client, much, 40000, &n), 1);
	assert_int_equal(stream_receive(&f->stream, got, 65536), 40000);
	assert_false(f->stream.more);
	assert_memory_equal(got, much, 40000);
	assert_int_equal(stream_receive(&f->stream, got, 65536), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(SSL_write_ex(f->client, much, 40000, &n), 1);
	assert_int_equal(stream_receive(&f->stream, got, 10000), 10000);
	assert_true(f->stream.more);
}

/* The second piece is appended while the first is blocked. */
static void
a_blocked_send_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	size_t sent = 0, heard = 0;
	bool blocked = false;

	meet(f, f->acceptor);
	while (heard < MANY) {
		size_t end = blocked ? MANY : 200001;
		size_t first = sent < end ? end - sent : 0;
		struct iovec piece[] = {
			{ much + sent, first },
			{ much + sent + first, MANY - sent - first },
		};
		ssize_t n =
		    sent == MANY ? -1 : stream_send(&f->stream, piece, 2);

		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		blocked = true;

		size_t len = hear(f);

		assert_memory_equal(got, much + heard, len);
		heard += len;
	}
	assert_true(blocked);
	assert_int_equal(sent, MANY);
}

static void
an_end_is_zero_and_the_reply_still_arrives(void **state)
{
	struct fixture *f = *state;

	for (int silent = 0; silent < 2; silent++) {
		meet(f, f->acceptor);
		assert_int_equal(SSL_write(f->client, "last", 4), 4);
		if (silent)
			(void)shutdown(f->fd, SHUT_WR);
		else
			(void)SSL_shutdown(f->client);
		assert_int_equal(stream_receive(&f->stream, got, 100), 4);
		assert_true(f->stream.more);
		assert_int_equal(stream_receive(&f->stream, got, 100), 0);
		assert_int_equal(send_text(f, "reply"), 5);
		assert_int_equal(hear(f), 5);
		assert_true(stream_end(&f->stream));
		assert_int_equal(hear(f), 0);
		assert_int_equal(
		    SSL_get_error(f->client, 0), SSL_ERROR_ZERO_RETURN);
	}
}

static void
a_broken_record_is_a_fault(void **state)
{
	struct fixture *f = *state;

	meet(f, f->acceptor);
	assert_int_equal(send(f->fd, "\x17\x03\x03\x00\x05hello", 10, 0), 10);
	assert_int_equal(stream_receive(&f->stream, got, 100), -1);
	assert_int_equal(errno, EPROTO);
	assert_true(f->stream.broken);
}

static void
new_keys_are_answered(void **state)
{
	struct fixture *f = *state;

	meet(f, f->acceptor);
	assert_int_equal(
	    SSL_key_update(f->client, SSL_KEY_UPDATE_REQUESTED), 1);
	assert_int_equal(SSL_write(f->client, "hello", 5), 5);
	assert_int_equal(stream_receive(&f->stream, got, 100), 5);
	assert_int_equal(send_text(f, "reply"), 5);
	assert_int_equal(hear(f), 5);
}

static void
tells_plain_http(void **state)
{
	struct fixture *f = *state;

	call(f, f->acceptor);
	assert_int_equal(stream_shake_hands(&f->stream), HANDSHAKE_WAITS);
	assert_false(f->stream.begun);
	assert_int_equal(send(f->fd, "GET / HTTP/1.1", 14, 0), 14);
	assert_int_equal(stream_shake_hands(&f->stream), HANDSHAKE_PLAIN);
	assert_int_equal(stream_receive(&f->stream, got, 100), 14);
	assert_int_equal(send_text(f, "no"), 2);
	assert_int_equal(recv(f->fd, got, 100, 0), 2);
}

static bool
resumes(struct fixture *f, struct acceptor *acceptor)
{
	meet(f, acceptor);
	(void)hear(f); /* tickets come behind the handshake */
	return stream_is_resumed(&f->stream);
}

static void
tickets_hold_for_all_workers_until_their_key_goes(void **state)
{
	struct fixture *f = *state;
	struct acceptor *other = NULL;
	SSL_SESSION *old;
	struct error e;

	assert_int_equal(acceptor_new(f->shared, TLS_1_2, &other, &e), OK);
	assert_false(resumes(f, f->acceptor));
	assert_true(resumes(f, other));
	old = f->session;
	f->session = SSL_SESSION_dup(old);
	for (int i = 1; i < TICKET_KEYS; i++) {
		assert_int_equal(tls_shared_rotate(f->shared, &e), OK);
		SSL_SESSION_free(f->session);
		f->session = SSL_SESSION_dup(old);
		assert_true(resumes(f, other));
	}
	assert_int_equal(tls_shared_rotate(f->shared, &e), OK);
	SSL_SESSION_free(f->session);
	f->session = old;
	assert_false(resumes(f, other));
	hang_up(f);
	acceptor_free(other);
}

static bool
is_shown(struct fixture *f, const char *name)
{
	X509 *shown = SSL_get1_peer_certificate(f->client);
	bool is = X509_check_host(shown, name, 0, 0, NULL) == 1;

	X509_free(shown);
	return is;
}

static void
new_connections_get_the_new_certificate(void **state)
{
	struct fixture *f = *state;
	struct error e;

	meet(f, f->acceptor);
	assert_true(is_shown(f, "first"));
	publish(f, "second");
	assert_int_equal(acceptor_refresh(f->acceptor, &e), OK);
	assert_int_equal(send_text(f, "goes on"), 7);
	assert_int_equal(hear(f), 7);
	SSL_SESSION_free(f->session);
	f->session = NULL;
	meet(f, f->acceptor);
	assert_true(is_shown(f, "second"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(passes_bytes_both_ways),
		TEST(a_short_receive_leaves_nothing),
		TEST(a_blocked_send_goes_on_where_it_was),
		TEST(an_end_is_zero_and_the_reply_still_arrives),
		TEST(a_broken_record_is_a_fault),
		TEST(new_keys_are_answered),
		TEST(tells_plain_http),
		TEST(tickets_hold_for_all_workers_until_their_key_goes),
		TEST(new_connections_get_the_new_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
