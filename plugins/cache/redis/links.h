/*
 * links.h - the pool of connections to the server; a thread has one to itself
 * for a call.
 *
 * There are as many as threads ask at a time; LINKS_IDLE of them stay open.
 */
#ifndef PANGOLIN_LINKS_H
#define PANGOLIN_LINKS_H

#include <hiredis/hiredis.h>
#include <pthread.h>

#include "target.h"

#define LINKS_IDLE 16
#define COMMAND_ARGS 6
#define COMMANDS_MAX 3

struct links {
	struct target target;
	pthread_mutex_t lock;
	redisContext *idle[LINKS_IDLE]; /* under lock */
	size_t count;
};

struct command {
	const char *arg[COMMAND_ARGS];
	size_t len[COMMAND_ARGS];
	int count;
};

/* The answers to all commands of one round trip. */
struct answers {
	redisReply *at[COMMANDS_MAX];
};

void links_init(struct links *, const struct target *);
void links_clear(struct links *);

void command_add(struct command *, struct str);

/* False: the server did not answer in time, or refused.  Otherwise the answers
 * are the caller's to clear. */
MUST_CHECK bool links_ask(
    struct links *, const struct command *, size_t count, struct answers *ret);
void answers_clear(struct answers *);

#endif
