/* conflict_text.h - writes conflicts of merges for the wire. */
#ifndef PANGOLIN_CONFLICT_TEXT_H
#define PANGOLIN_CONFLICT_TEXT_H

#include "api/forms_merges.h"
#include "versions/merge_operations.h"

struct conflict_body conflict_body_of(
    struct arena *, const struct merge_conflict_row *);

/* "TakeSource", "take_source" and so on; 0: none of them. */
int strategy_parse(struct str);

#endif
