/* relation_answer.h - answers with the metadata of a table or view. */
#ifndef PANGOLIN_RELATION_ANSWER_H
#define PANGOLIN_RELATION_ANSWER_H

#include "catalog/relations.h"
#include "http/request.h"

/* Answers LoadTableResult or LoadViewResult; without `config`
 * CommitTableResponse and UnregisterTableResult.  Metadata goes out as the
 * bytes of its file, between the members around it: nothing is parsed to be
 * written again. */
void relation_answer(struct request *, const struct relation *, bool config);

/* The same with an end of its own, ",\"config\":{}}". */
void relation_answer_with(
    struct request *, const struct relation *, struct str end);

/* The same of a table as its catalog serves it, with the tag of what loadTable
 * answers from then on. */
MUST_CHECK enum err table_answer(struct request *, struct call *,
    const struct catalog *, struct relation *, struct str end);

#define ANSWER_LOADED STR(",\"config\":{}}")
#define ANSWER_COMMITTED STR("}")

#endif
