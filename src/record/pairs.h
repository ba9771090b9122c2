/* pairs.h - reads the maps of stored records. */
#ifndef PANGOLIN_PAIRS_H
#define PANGOLIN_PAIRS_H

#include "base/json.h"
#include "calls/bulkheads.h"

/* Parses the text of a map; a large one takes a permit of BULKHEAD_CPU, so the
 * event loop does not parse it (ERR_WOULD_BLOCK).  Absent: an empty map. */
MUST_CHECK static inline enum err
pairs_parse(struct call *c, struct str text, struct pairs *ret)
{
	enum err err;

	*ret = (struct pairs){ 0 };
	if (text.ptr == NULL)
		return OK;
	TRY(cpu_enter(c, text.len));
	err = json_to_pairs(c->arena, text, ret, c->error);
	cpu_leave(c, text.len);
	return err;
}

#endif
