#include "api/forms_ops.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field health[] = {
	FIELD(health_body, status, "status", TEXT, FORM_REQUIRED,
	    "alive, ready, unready or draining."),
	FIELD(health_body, store, "store", TEXT, FORM_OMITTED,
	    "ok or unreachable; absent: nobody looked."),
	FIELD(health_body, store_latency_ms, "store_latency_ms", INT,
	    FORM_OMITTED, "How long the store took to answer."),
	FIELDS_END
};
const struct form form_health = FORM("Health", health_body, true, health);

/* clang-format on */
