/* forms_ops.h - answers for who runs the server. */
#ifndef PANGOLIN_FORMS_OPS_H
#define PANGOLIN_FORMS_OPS_H

#include "api/form.h"

struct health_body {
	struct str status, store;
	int64_t store_latency_ms;
};

extern const struct form form_health;

#endif
