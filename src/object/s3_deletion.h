/*
 * s3_deletion.h - deletes up to a thousand objects by one request, and says of
 * each key what became of it (S3 API, DeleteObjects).
 *
 * The request is quiet: its answer names the keys that were refused, all others
 * are gone.  An answer that is malformed, or refuses a key that was not asked
 * for, says nothing of any key, so it is an error of the whole request.
 */
#ifndef PANGOLIN_S3_DELETION_H
#define PANGOLIN_S3_DELETION_H

#include "object/s3_client.h"

/* Why a key was refused: the server's word, "AccessDenied", or "refused" when
 * it has none; ptr NULL: the object is gone. */
struct s3_outcome {
	struct str code;
};

/* Deletes up to S3_DELETE_MAX objects, those that are there.  OK with an
 * outcome for each key, whatever they are; after an error each may be gone. */
MUST_CHECK enum err s3_delete_each(struct s3_client *, struct call *,
    const struct str *keys, size_t count, struct s3_outcome *ret);

/* As s3_delete_each(), but a refusal is an error, which names the first key
 * that was refused and how many were; all others are gone. */
MUST_CHECK enum err s3_delete_many(
    struct s3_client *, struct call *, const struct str *keys, size_t count);

/* The outcomes in an answer, of which `inside` is what its DeleteResult holds.
 * False: it is malformed, or about other keys. */
MUST_CHECK bool s3_deletion_read(struct arena *, struct str inside,
    const struct str *keys, size_t count, struct s3_outcome *ret);

#endif
