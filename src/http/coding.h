/*
 * coding.h - gzip, in both directions (RFC 9110, 8.4).
 *
 * Packing and unpacking take time in proportion to the body: on a pool thread
 * only.
 */
#ifndef PANGOLIN_CODING_H
#define PANGOLIN_CODING_H

#include "http/framing.h"

/* Shorter replies gain nothing: they fit into one packet as they are. */
#define CODING_LEAST 512

/* The body as it was before Content-Encoding.  Never more than limits allow
 * is unpacked; what is counts as held.  ERR_MEDIA_TYPE for another coding. */
MUST_CHECK enum err coding_unpack(
    struct request *, const struct limits *, struct bodies *);

/* Does Accept-Encoding prefer gzip (RFC 9110, 12.5.3)? */
bool coding_takes_gzip(const struct request *);

/* How many bytes coding_pack() would go through. */
size_t coding_packs(const struct request *);

/* The body of the reply is gzip already. */
void coding_is_packed(struct request *);

/* The reply as gzip, when the client takes that and it becomes smaller. */
void coding_pack(struct request *);

#endif
