/*
 * password_file.h - STATE_DIR/initial-admin-password: the password of the
 * first start, one line, mode 0600.  It is there whole or not at all.
 */
#ifndef PANGOLIN_PASSWORD_FILE_H
#define PANGOLIN_PASSWORD_FILE_H

#include "base/arena.h"
#include "base/error.h"

#define PASSWORD_FILE "initial-admin-password"

/* ptr NULL: there is none. */
MUST_CHECK enum err password_file_read(
    struct arena *, struct str state_dir, struct str *ret, struct error *);

/* Durable when this returns; when there is one already, it stays. */
MUST_CHECK enum err password_file_make(
    struct str state_dir, struct str password, struct error *);

/* It need not be there. */
MUST_CHECK enum err password_file_remove(struct str state_dir, struct error *);

#endif
