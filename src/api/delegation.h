/*
 * delegation.h - access delegation of the Iceberg REST spec: credentials for a
 * table's files in the answer about it.
 *
 * Clients ask for them by X-Iceberg-Access-Delegation: vended-credentials; what
 * a table gives is said in catalog/vending.h.  A warehouse may give them to who
 * asks for nothing, too (STORAGE_BY_DEFAULT).  Clients that ask for
 * remote-signing are told where their requests are signed (api/sign_api.c),
 * unless they get credentials.
 */
#ifndef PANGOLIN_DELEGATION_H
#define PANGOLIN_DELEGATION_H

#include "base/buf.h"
#include "catalog/branch.h"
#include "catalog/names.h"
#include "catalog/vending.h"
#include "http/request.h"

/* Credentials for directories of a table, whoever asks; prefix.ptr NULL: it
 * gives none. */
MUST_CHECK enum err delegation_credentials(struct request *, struct call *,
    const struct branch *, struct str paths, struct vended *ret);

/* Appends the member storage-credentials of a plan's answer, after a comma, for
 * a client that asks for it and gets any. */
MUST_CHECK enum err delegation_add(struct request *, struct call *,
    const struct branch *, struct str paths, struct buf *);

/* The end of a LoadTableResult behind its metadata, with what the client asks
 * for; ptr NULL: that is nothing, or it gets nothing.  Answers with it are
 * never kept. `paths` as in struct vending_wish; ptr NULL: those of the table's
 * entry.  `is_staged`: there is none yet. */
MUST_CHECK enum err delegation_tail(struct request *, struct call *,
    const struct branch *, struct ident, struct str paths, bool is_staged,
    struct str *ret);

#endif
