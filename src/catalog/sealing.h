/*
 * sealing.h - seals secrets of stored records: encrypted and bound to the field
 * they belong to, so that a copy of the store tells nobody a secret.
 *
 *     sealed:1:KEYID:base64(nonce, XChaCha20-Poly1305 of the text)
 *
 * The keys are not in the store (docs/adr/0054).  The first one seals, all
 * open.  They are the process's own, in memory that is locked and left out of
 * core files; a worker sets them once, before it has threads.
 */
#ifndef PANGOLIN_SEALING_H
#define PANGOLIN_SEALING_H

#include "base/arena.h"

#define SEALING_KEYS_MAX 8
#define SEALING_KEY_MIN 32 /* bytes of its text */

/* Sets the keys of this process from their texts, with commas between them.
 * None: nothing can be sealed.  ERR_VALIDATION for a text that is too short,
 * or too many. */
MUST_CHECK enum err sealing_set_keys(struct str keys, struct error *);

/* Seals a text; `about` is what it belongs to and nothing else opens it.
 * ERR_BAD_REQUEST without a key: the message begins with `what`. */
MUST_CHECK enum err sealing_seal(struct arena *, const char *what,
    struct str about, struct str text, struct str *ret, struct error *);

/* Opens what was sealed; a text that was not is returned as it is: releases
 * before 54 stored secrets in the clear.  The arena is wiped from now on
 * (base/arena.h).  ERR_UNAVAILABLE: no key of ours
 * opens it. */
MUST_CHECK enum err sealing_open(struct arena *, const char *what,
    struct str about, struct str sealed, struct str *ret, struct error *);

/* Whether it is sealed with the first key, or there is none. */
bool sealing_is_current(struct str sealed);

#endif
