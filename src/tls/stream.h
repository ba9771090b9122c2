/*
 * stream.h - the bytes of one client, plain or inside TLS; never waits.
 *
 * Reading and writing look like recv() and sendmsg(): -1 and errno, which is
 * EAGAIN when the socket must become ready first.  Only the thread of the
 * event loop uses streams.
 */
#ifndef PANGOLIN_STREAM_H
#define PANGOLIN_STREAM_H

#include <sys/types.h>
#include <sys/uio.h>

#include "tls/acceptor.h"

struct stream {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	bool begun;         /* the client has sent something */
	bool broken;        /* TLS cannot go on, not even to its end */
	bool more;          /* input may be there without a new event */

	/* TLS may have to write before it can read, and the reverse */
	bool read_wants_write, write_wants_read;
};

/* `acceptor` NULL: plain. */
void stream_init(struct stream *, int fd, struct acceptor *);

/* Says goodbye when nothing is under way; does not close the descriptor. */
void stream_clear(struct stream *, bool in_order);

enum handshake {
	HANDSHAKE_WAITS, /* for the client */
	HANDSHAKE_DONE,
	HANDSHAKE_FAILED,
	HANDSHAKE_PLAIN /* the client speaks HTTP: now the stream is plain */
};

/* Called before anything else when there is an `ssl`. */
enum handshake stream_shake_hands(struct stream *);
bool stream_is_resumed(const struct stream *);

/* 0: the client has ended its side, with or without close_notify. */
ssize_t stream_receive(struct stream *, char *to, size_t room);
ssize_t stream_send(struct stream *, const struct iovec *, size_t count);

/* The client will be told that it has not got everything, when the descriptor
 * is closed. */
void stream_reset(struct stream *);

/* Ends sending; the client still is read.  False: it is gone. */
bool stream_end(struct stream *);

#endif
