/*
 * vending_strategy.h - the vending_strategy of a warehouse: how engines get
 * credentials of their own.
 *
 *	null, "None"		they bring their own
 *	{"AwsStatic": {"access_key_id", "secret_access_key"}}
 *	{"AwsSts": {"role_arn", "external_id"}}
 *
 * {"type": "AwsSts", "role_arn": ...} is read, too.
 */
#ifndef PANGOLIN_VENDING_STRATEGY_H
#define PANGOLIN_VENDING_STRATEGY_H

#include "base/json.h"

enum vending { VENDING_NONE, VENDING_STATIC, VENDING_STS };

struct vending_strategy {
	enum vending how;
	struct pairs fields;
};

/* Reads its JSON text, ptr NULL: none.  ERR_BAD_REQUEST names the member. */
MUST_CHECK enum err vending_strategy_read(struct arena *, struct str json,
    struct vending_strategy *ret, struct error *);

/* Writes it in the first of its forms. */
struct str vending_strategy_text(
    struct arena *, const struct vending_strategy *);

#endif
