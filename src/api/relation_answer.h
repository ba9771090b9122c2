/* relation_answer.h - what answers about tables and views have in common. */
#ifndef PANGOLIN_RELATION_ANSWER_H
#define PANGOLIN_RELATION_ANSWER_H

#include "catalog/relations.h"
#include "http/request.h"

/* LoadTableResult or LoadViewResult; without `config` CommitTableResponse and
 * UnregisterTableResult.  Metadata goes out as the bytes of its file, between
 * the members around it: nothing is parsed to be written again. */
void relation_answer(struct request *, const struct relation *, bool config);

/* The same with the tag of what loadTable answers from then on. */
void table_answer(struct request *, const struct relation *, bool config);

#endif
