/*
 * reply.h - writes the bytes that answer a finished request.
 *
 * Only here an error becomes a body: targets under /api/ get
 * {"error":"sentence"}, everything else Iceberg's ErrorModel.
 */
#ifndef PANGOLIN_REPLY_H
#define PANGOLIN_REPLY_H

#include "base/buf.h"
#include "http/request.h"

/* Facts that the connection knows and the request does not. */
struct reply_frame {
	struct str date;      /* an IMF-fixdate (RFC 9110, 5.6.7) */
	bool keep_alive;      /* another request may follow */
	int64_t idle_seconds; /* announced when it may */
	int64_t total_us;     /* from the end of the head; 0: not known */
	struct str hsts;      /* a whole line (RFC 6797); empty: none */
	struct str cors;      /* lines of cors.h */
};

/* Replaces the reply by one that tells the client r->error. */
void reply_error(struct request *);

/* Adds Retry-After, and for a client that has used up a limit the headers that
 * tell which. */
void reply_wait(struct request *);

/* Status line and headers; sets the status if there is none.  The caller sends
 * r->reply.part after them: nothing for HEAD, 204 and 304. */
struct str reply_head(struct request *, struct reply_frame);

/* "Sun, 06 Nov 1994 08:49:37 GMT" for a UTC time; `ret` has REPLY_DATE bytes.
 */
#define REPLY_DATE 32
void reply_date(int64_t utc_us, char ret[REPLY_DATE]);

#endif
