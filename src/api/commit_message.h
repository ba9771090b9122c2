/* commit_message.h - reads the commit message that a request brings. */
#ifndef PANGOLIN_COMMIT_MESSAGE_H
#define PANGOLIN_COMMIT_MESSAGE_H

#include "http/request.h"

#define COMMIT_MESSAGE_MAX 4096 /* bytes */

/* Reads the header X-Pangolin-Commit-Message; ptr NULL: there is none.
 * ERR_BAD_REQUEST unless it is a text of one to so many bytes. */
MUST_CHECK enum err commit_message_read(struct request *, struct str *ret);

/* The same rules for a message in a body; `field` names it. */
MUST_CHECK enum err commit_message_check(
    const char *field, struct str message, struct error *);

#endif
