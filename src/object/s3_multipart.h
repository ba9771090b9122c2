/*
 * s3_multipart.h - writes a large new object in parts, each of which may be
 * sent again, and which a last, conditional request makes an object of (S3 API,
 * CreateMultipartUpload).
 */
#ifndef PANGOLIN_S3_MULTIPART_H
#define PANGOLIN_S3_MULTIPART_H

#include "base/buf.h"
#include "object/s3_request.h"

#define S3_MULTIPART_BYTES ((size_t)32 * 1024 * 1024) /* beyond: in parts */
#define S3_UPLOAD_PART_BYTES ((size_t)16 * 1024 * 1024)

/* An upload; all is in the arena of the call. */
struct s3_upload {
	struct str key, bytes;
	struct pairs headers; /* of the object: its mark and its encryption */
	struct str id;        /* ptr NULL: none has begun */
	size_t written;       /* of the bytes */
	int parts;
	struct buf list; /* of the parts, as the last request names them */
};

struct s3_upload s3_upload_of(
    struct call *, struct str key, struct str bytes, struct pairs headers);

/*
 * Goes on with it until there is an object, or something fails.  ret->status is
 * that of the request that ended it; where nobody can know what an answer
 * means for the object it is 500.
 */
MUST_CHECK enum err s3_upload_try(struct s3_client *, struct call *,
    struct s3_upload *, struct s3_exchange *ret);

/* Takes away what is left of it, and of any upload of its key: one may have
 * begun whose id was lost.  It has a few seconds of its own, and may fail. */
void s3_upload_end(struct s3_client *, const struct call *, struct s3_upload *);

#endif
