/* grant_bodies.h - grants as bodies have them (forms_access.h), and back. */
#ifndef PANGOLIN_GRANT_BODIES_H
#define PANGOLIN_GRANT_BODIES_H

#include "api/forms_access.h"
#include "http/request.h"
#include "identity/grants.h"

/* The grants of bodies, whose catalogs must be in the tenant of the request.
 * ERR_BAD_REQUEST names the field; `at` is where the list is in the body,
 * "/permissions". */
MUST_CHECK enum err grants_of_bodies(struct request *, struct call *,
    const char *at, struct form_list bodies, struct grants *ret);

/* The same of one grant, whose members are in the body itself. */
MUST_CHECK enum err grant_of_body(struct request *, struct call *,
    const struct grant_body *, struct grant *ret);

/* The path of "a.b", or of levels parted by U+001F.  ERR_BAD_REQUEST begins
 * with `what`. */
MUST_CHECK enum err namespace_of_text(
    struct request *, const char *what, struct str text, struct str *ret);

struct grant_body body_of_grant(struct arena *, const struct grant *);
struct form_list bodies_of_grants(struct arena *, struct grants);

#endif
