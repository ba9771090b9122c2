/*
 * conn.h - one connection: a pipeline of statements, and their results.
 *
 * conn_send() only queues; conn_flush() sends what is queued as one pipeline
 * and waits for all answers: one round trip.  Statements are prepared when
 * first used and found again by their text.  A connection serves one thread at
 * a time; one that was lost, or did not answer in time, is of no more use.
 */
#ifndef PANGOLIN_CONN_H
#define PANGOLIN_CONN_H

#include "options.h"
#include "param.h"
#include "plugins/sql/sql.h"

#define CONN_STATEMENTS 128 /* kept, by a hash of their text */
#define CONN_FLIGHT 8       /* statements between two flushes */

enum outcome {
	DONE,
	FAILED, /* the server said no: conn->state says why */
	LATE,   /* the deadline came first: nobody knows */
	LOST    /* the connection broke: nobody knows */
};

struct statement {
	char *text; /* NULL: free */
	unsigned number;
};

struct conn {
	PGconn *pg;
	struct conn *next; /* in the pool */
	int64_t retire_us, idle_since_us;
	bool broken;
	char state[6]; /* SQLSTATE of the last failure */
	struct statement statements[CONN_STATEMENTS];
	unsigned last_number;
	struct {
		struct statement *prepares; /* NULL: an answer for the caller */
		bool silent, is_sync;
	} queue[4 * CONN_FLIGHT];
	size_t queued;
	PGresult *answer[CONN_FLIGHT]; /* of the last flush, in order */
	size_t answers;
};

/* Connected, and set up as a session of this store. */
MUST_CHECK enum err conn_open(const struct options *, int64_t deadline_us,
    struct conn **ret, struct error *);
void conn_close(struct conn *); /* accepts NULL */

/* Whether the server has left it open, as far as can be seen without asking. */
bool conn_is_open(const struct conn *);

void conn_send(struct conn *, const char *text, const struct params *);
void conn_send_once(struct conn *, const char *text); /* not prepared */
/* The end of a piece.  In a transaction the server gives up a client that says
 * nothing between two pieces, but would wait for the rest of one for ever. */
void conn_end_piece(struct conn *);
enum outcome conn_flush(struct conn *, int64_t deadline_us);

/* The name that a statement was prepared by; false: it is forgotten. */
bool conn_knows(struct conn *, const char *text, char ret_name[16]);

/* The answer to the last statement; the caller clears it. */
PGresult *conn_take_last(struct conn *);

/* Out of any transaction, ready for the next call. */
void conn_settle(struct conn *);

/* SQLSTATEs that say something about a unit, or that it may be tried again */
bool state_is_unique(const char *state);
bool state_is_bad_data(const char *state);
bool state_is_passing(const char *state);

/* The error of the contract; for writes LATE and LOST are ERR_COMMIT_UNKNOWN,
 * which is not decided here. */
enum err conn_fail(const struct conn *, enum outcome, struct error *);

#endif
