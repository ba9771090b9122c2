/*
 * notify.h - what the service manager is told (sd_notify(3)): ready,
 * reloading, stopping, and that the workers live.
 *
 * Only the parent speaks, and for its workers: it feeds the watchdog while one
 * of them beats, because a parent without workers serves nobody.  Where nobody
 * listens (no NOTIFY_SOCKET) everything here does nothing.
 */
#ifndef PANGOLIN_NOTIFY_H
#define PANGOLIN_NOTIFY_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"
#include "shm/slots.h"

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t to_len;
	int64_t watchdog_us; /* 0: there is none */
	int64_t fed_us;
	bool ready;     /* has been said */
	unsigned alive; /* workers that were told of */
};

/* Takes what it needs, and nobody else should use, out of the environment. */
void notify_open(struct notify *);

/* Again and again, several times a second: says what has changed. */
void notify_watch(struct notify *, struct slots, int64_t now_us);

void notify_reloading(const struct notify *, int64_t now_us);
void notify_reloaded(const struct notify *);

/* The end begins and may take that long. */
void notify_stopping(const struct notify *, int64_t grace_us);

#endif
