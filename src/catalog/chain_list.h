/*
 * chain_list.h - lists the names of a namespace, as all links of a chain show
 * them together.
 */
#ifndef PANGOLIN_CHAIN_LIST_H
#define PANGOLIN_CHAIN_LIST_H

#include "plugin/store.h"

/*
 * Lists in the order of names one version of each name after after.name: that
 * of the first link that has any.  Tombstones are listed too, so a page may
 * hold nothing live.  Each link is asked for `limit` versions; ret->more: go on
 * after the last.
 */
MUST_CHECK enum err chain_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);

#endif
