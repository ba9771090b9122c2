/* authorize.h - decides whether a principal may do an action (actions.def). */
#ifndef PANGOLIN_AUTHORIZE_H
#define PANGOLIN_AUTHORIZE_H

#include "identity/principal.h"

enum action {
	ACTION_UNSET, /* a route that names none: refused */
#define X(name, scope, roles, phrase) name,
#include "identity/actions.def"
#undef X
	ACTION_COUNT
};

/* ERR_FORBIDDEN names both: "User 'bob' may not create tables". */
MUST_CHECK enum err authorize(
    const struct principal *, enum action, struct error *);

#endif
