/*
 * password_file.h - the file with the first password,
 * STATE_DIR/initial-admin-password: one line, mode 0600, whole or not there.
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

/* Removes the file, if it is there. */
MUST_CHECK enum err password_file_remove(struct str state_dir, struct error *);

#endif
