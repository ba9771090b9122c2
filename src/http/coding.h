/*
 * coding.h - compresses and decompresses bodies with gzip (RFC 9110, 8.4).
 *
 * Both take time in proportion to the body: on a pool thread only.
 */
#ifndef PANGOLIN_CODING_H
#define PANGOLIN_CODING_H

#include "http/framing.h"

/* Shorter replies are not compressed: they fit into one packet as they are. */
#define CODING_LEAST 512

/* ERR_MEDIA_TYPE for any Content-Encoding: bodies of clients that need no token
 * are not decompressed. */
MUST_CHECK enum err coding_refuse(struct request *);

/* Decompresses the body of the request.  It gives no more than limits allow and
 * no more than a hundred times what came; memory for it is held before.
 * ERR_MEDIA_TYPE for another coding. */
MUST_CHECK enum err coding_unpack(
    struct request *, const struct limits *, struct bodies *);

/* Whether Accept-Encoding prefers gzip (RFC 9110, 12.5.3). */
bool coding_takes_gzip(const struct request *);

/* How many bytes coding_pack() would compress. */
size_t coding_packs(const struct request *);

/* Says that the body of the reply is gzip already. */
void coding_is_packed(struct request *);

/* Compresses the reply, when the client takes gzip and it becomes smaller. */
void coding_pack(struct request *);

#endif
