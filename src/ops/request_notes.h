/* request_notes.h - notes requests for the audit log. */
#ifndef PANGOLIN_REQUEST_NOTES_H
#define PANGOLIN_REQUEST_NOTES_H

#include "http/server_settings.h"

/* Changes that failed or were denied, and credentials and rights that were not
 * enough for a read; other reads if audit.reads says so.  Requests that come
 * without any credentials leave no note. */
void note_request(const struct request *, const struct outcome *);

#endif
