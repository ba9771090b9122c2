#include "tls/stream.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define RECORD_BYTES ((size_t)16384) /* RFC 8446, 5.1 */

/* The first byte of every handshake (RFC 8446, 5.1). */
#define HANDSHAKE_BYTE 22

void
stream_init(struct stream *s, int fd, struct acceptor *acceptor)
{
	*s = (struct stream){ .fd = fd };
	if (acceptor != NULL)
		s->ssl = acceptor_begin(acceptor, fd);
}

void
stream_clear(struct stream *s, bool in_order)
{
	if (s->ssl == NULL)
		return;
	ERR_clear_error();
	if (in_order && !s->broken && SSL_is_init_finished(s->ssl))
		(void)SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	s->ssl = NULL;
}

/* ---- handshake */

/* Of the first byte: it stays where it is. */
static enum handshake
look_at_first(struct stream *s)
{
	char first;
	ssize_t n = recv(s->fd, &first, 1, MSG_PEEK);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? HANDSHAKE_WAITS
							 : HANDSHAKE_FAILED;
	if (n == 0)
		return HANDSHAKE_FAILED;
	s->begun = true;
	if (first == HANDSHAKE_BYTE)
		return HANDSHAKE_DONE;
	if (first < 'A' || first > 'Z')
		return HANDSHAKE_FAILED;
	SSL_free(s->ssl);
	s->ssl = NULL;
	return HANDSHAKE_PLAIN;
}

enum handshake
stream_shake_hands(struct stream *s)
{
	enum handshake first = s->begun ? HANDSHAKE_DONE : look_at_first(s);

	if (first != HANDSHAKE_DONE)
		return first;
	ERR_clear_error();

	int result = SSL_do_handshake(s->ssl);

	if (result == 1)
		return HANDSHAKE_DONE;
	switch (SSL_get_error(s->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return HANDSHAKE_WAITS;
	default:
		s->broken = true;
		return HANDSHAKE_FAILED;
	}
}

bool
stream_is_resumed(const struct stream *s)
{
	return SSL_session_reused(s->ssl) == 1;
}

/* ---- in and out */

/* The result of SSL_read_ex() or SSL_write_ex(), as errno; 0: the end. */
static int
why_not(struct stream *s, bool *ret_crossed, int crossed)
{
	int error = SSL_get_error(s->ssl, 0);

	*ret_crossed = error == crossed;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return EAGAIN;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	s->broken = true;
	return EPROTO;
}

/* As much as there is, so that less than `room` means "no more", as it does
 * in recv(); a record holds 16 KiB at most. */
static ssize_t
receive_records(struct stream *s, char *to, size_t room)
{
	size_t len = 0, n;
	int why = 0;

	s->read_wants_write = false;
	while (len < room) {
		ERR_clear_error();
		if (SSL_read_ex(s->ssl, to + len, room - len, &n) != 1) {
			why = why_not(
			    s, &s->read_wants_write, SSL_ERROR_WANT_WRITE);
			break;
		}
		len += n;
	}
	/* an end or a fault is told again the next time */
	s->more = why != EAGAIN;
	if (len != 0 || why == 0)
		return (ssize_t)len;
	errno = why;
	return -1;
}

ssize_t
stream_receive(struct stream *s, char *to, size_t room)
{
	if (s->ssl != NULL)
		return receive_records(s, to, room);

	ssize_t n = recv(s->fd, to, room, 0);

	s->more = n == (ssize_t)room;
	return n;
}

/* The first bytes of the pieces, at most a record of them: in one piece. Shared
 * by all streams: a write that must be tried again is given the same bytes. */
static struct str
join(const struct iovec *piece, size_t count)
{
	static char record[RECORD_BYTES];
	size_t len = 0;

	if (piece[0].iov_len >= RECORD_BYTES)
		return (struct str){ piece[0].iov_base, RECORD_BYTES };
	for (size_t i = 0; i < count && len < RECORD_BYTES; i++) {
		size_t room = RECORD_BYTES - len, n = piece[i].iov_len;

		if (n > room)
			n = room;
		memcpy(record + len, piece[i].iov_base, n);
		len += n;
	}
	return (struct str){ record, len };
}

static ssize_t
send_record(struct stream *s, const struct iovec *piece, size_t count)
{
	struct str record = join(piece, count);
	size_t n = 0;

	s->write_wants_read = false;
	ERR_clear_error();
	if (SSL_write_ex(s->ssl, record.ptr, record.len, &n) == 1)
		return (ssize_t)n;

	int why = why_not(s, &s->write_wants_read, SSL_ERROR_WANT_READ);

	errno = why != 0 ? why : EPIPE;
	return -1;
}

ssize_t
stream_send(struct stream *s, const struct iovec *piece, size_t count)
{
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)piece,
		.msg_iovlen = count };

	assert(count != 0);
	if (s->ssl != NULL)
		return send_record(s, piece, count);
	return sendmsg(s->fd, &message, MSG_NOSIGNAL);
}

void
stream_reset(struct stream *s)
{
	const struct linger at_once = { .l_onoff = 1 };

	(void)setsockopt(
	    s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

bool
stream_end(struct stream *s)
{
	if (s->ssl != NULL && !s->broken) {
		ERR_clear_error();
		(void)SSL_shutdown(s->ssl);
	}
	return shutdown(s->fd, SHUT_WR) == 0;
}
