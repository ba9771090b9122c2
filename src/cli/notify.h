/*
 * notify.h - tells the service manager (sd_notify(3)) that the server is ready,
 * reloading or stopping, and that its workers live.
 *
 * Only the parent speaks, and for its workers: it feeds the watchdog while one
 * of them beats, because a parent without workers serves no requests.  Without
 * a NOTIFY_SOCKET all of this does nothing.
 */
#ifndef PANGOLIN_NOTIFY_H
#define PANGOLIN_NOTIFY_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"
#include "shm/slots.h"

struct notify {
	int fd; /* -1: no service manager */
	struct sockaddr_un to;
	socklen_t to_len;
	int64_t watchdog_us; /* 0: there is none */
	int64_t fed_us;
	bool ready;     /* the manager was told */
	unsigned alive; /* workers in the last message */
};

/* Takes its variables, which no other process should use, out of the
 * environment. */
void notify_open(struct notify *);

/* Called several times a second: tells what has changed. */
void notify_watch(struct notify *, struct slots, int64_t now_us);

void notify_reloading(const struct notify *, int64_t now_us);
void notify_reloaded(const struct notify *);

/* The server stops, which may take that long. */
void notify_stopping(const struct notify *, int64_t grace_us);

#endif
