/*
 * statements.h - the SQL text of the questions to the logs.
 *
 * Every access to a table stands in a LATERAL subselect behind OFFSET 0 or a
 * LIMIT, so that the only plan is a look-up by index for each row of the
 * arguments, on an empty table and on a full one.
 */
#ifndef PANGOLIN_STATEMENTS_H
#define PANGOLIN_STATEMENTS_H

extern const char statement_lock[]; /* $1 the branch; until the end */

/* $1 the branch, $2-$8 units, $9-$19 versions, $20-$26 expectations, $27 now:
 * see apply.c.  Of each unit: number, verdict, position, failed expectation,
 * hash of then. */
extern const char statement_apply[];

extern const char statement_heads[]; /* $1 branches */

/* Versions: the fields of ROWLOG_VERSIONS, in their order.
 * $1 spaces, $2 ns, $3 names, $4 $5 the chain; behind them which key */
extern const char statement_read[];
/* $1 $2 the chain, $3 space, $4 ns, $5 name, $6 limit; behind them which link
 */
extern const char statement_list[];
/* $1 branch, $2 above, $3 upto, $4 limit; behind them 1 if there is more */
extern const char statement_changes[];

/* $1 $2 the chain, $3 to, $4 space, $5 ns, $6 name, $7 limit: the last key
 * and how many there were */
extern const char statement_fold[];
/* $1 branch, $2 above, $3 last pin, $4 limit, $5 pins: what was dropped, at
 * least one row; behind them the position reached */
extern const char statement_prune[];
extern const char statement_prune_all[];
extern const char statement_erase[];

#endif
