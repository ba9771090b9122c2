/*
 * buf.h - a growing buffer of bytes in an arena.
 *
 * `data` is valid until the next append; buf_str() is the finished text.
 */
#ifndef PANGOLIN_BUF_H
#define PANGOLIN_BUF_H

#include "base/arena.h"

struct buf {
	struct arena *arena;
	char *data;
	size_t len, room;
};

static inline struct buf
buf_in(struct arena *a)
{
	return (struct buf){ .arena = a };
}

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->data != NULL ? b->data : "", b->len };
}

/* Room for `n` more bytes at data + len; the caller adds what it used. */
char *buf_reserve(struct buf *, size_t n);

void buf_add(struct buf *, struct str);
void buf_add_char(struct buf *, char);
void buf_add_int(struct buf *, int64_t);
void buf_add_hex(struct buf *, struct str bytes); /* in capitals */
void buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A JSON string: quoted, with what JSON (RFC 8259, 7) wants escaped. */
void buf_add_json(struct buf *, struct str);

#endif
