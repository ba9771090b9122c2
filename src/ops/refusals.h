/* refusals.h - notes requests that were refused, for the audit log. */
#ifndef PANGOLIN_REFUSALS_H
#define PANGOLIN_REFUSALS_H

#include "http/server_settings.h"

/* Changes that failed or were denied, and credentials and rights that were not
 * enough for a read.  Requests that come without any credentials, and reads
 * that find nothing, leave no note. */
void refusal_note(const struct request *, const struct outcome *);

#endif
