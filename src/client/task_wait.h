/*
 * task_wait.h - `--wait`: follows a task until it is done, with its progress on
 * standard error.
 *
 * A server that does not answer is asked again for a minute, since it may be
 * restarted, and its tasks go on behind that.  Ctrl-C ends the waiting and
 * leaves the task as it is.
 */
#ifndef PANGOLIN_TASK_WAIT_H
#define PANGOLIN_TASK_WAIT_H

#include "base/json.h"
#include "client/client.h"

/* The task that an answer tells of; ptr NULL: none. */
struct str task_wait_id(const struct route *, yyjson_val *answer);

/* Prints the task at its end.  CLIENT_REFUSED: it failed or was cancelled. */
enum client_exit task_wait(const struct client *, struct str id);

#endif
