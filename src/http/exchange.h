/*
 * exchange.h - one request from its first byte to the last of its reply.
 *
 * An exchange lives in its own arena together with its request.  The loop reads
 * and answers it; in between it may be on a pool thread, which then is the only
 * one to touch it (the picture is in http/stages.h).  When the client goes away
 * meanwhile, `conn` becomes NULL and the reply is dropped.
 */
#ifndef PANGOLIN_EXCHANGE_H
#define PANGOLIN_EXCHANGE_H

#include "calls/bulkheads.h"
#include "http/framing.h"
#include "http/front.h"

struct conn;

/* The stages of a request, in their order; see http/stages.h. */
enum stage {
	STAGE_IDENTIFY,
	STAGE_AUTHORIZE,
	STAGE_UNPACK,
	STAGE_HANDLE,
	STAGE_PACK,
	STAGE_DONE
};

struct exchange {
	struct request request;
	struct front *front;
	struct conn *conn;          /* NULL: the client is gone */
	enum stage stage;           /* the first stage that is not finished */
	enum stage until;           /* the first stage that must not begin */
	TAILQ_ENTRY(exchange) list; /* of the read batch, or of front.pooled */
	uint64_t batch_number;      /* its number in the batch, from 1 */
	struct job job;
	struct bulkhead_waiter waiter;
	bool was_told; /* the bulkhead that it wants has room */
	bool given_up; /* a thread has it; its client has been answered */
	bool keep_alive;
	bool is_streaming; /* a part of its reply was queued */
	bool part_is_sent; /* and may be freed */
	int64_t begun_us;  /* clock_mono_us() at the end of its head; 0: none */
	struct outcome outcome; /* status 0: not answered */
};

static inline struct exchange *
exchange_of(struct job *job)
{
	char *p = (char *)job - offsetof(struct exchange, job);

	return (struct exchange *)(void *)p;
}

static inline struct exchange *
exchange_of_waiter(struct bulkhead_waiter *w)
{
	char *p = (char *)w - offsetof(struct exchange, waiter);

	return (struct exchange *)(void *)p;
}

struct exchange *exchange_new(struct front *, struct conn *, struct str peer);
void exchange_free(struct exchange *); /* accepts NULL */

/* Frees an arena that no thread came to free. */
bool exchange_is_over(struct job *);

/* Finds the route once the head is there.  A failure is kept in
 * request.error. */
void exchange_admit(struct exchange *);

/* The client is identified and authorized. */
bool exchange_is_let_in(const struct exchange *);

/* Status line and headers, with the date of now. */
struct str exchange_head(struct exchange *);

#endif
