/* secret_files.h - warns of files with secrets that other accounts can read. */
#ifndef PANGOLIN_SECRET_FILES_H
#define PANGOLIN_SECRET_FILES_H

#include "cli/serve.h"

/*
 * Called in the parent at the start, with plugins loaded.  Warns of each file
 * that holds a secret (a setting, an option of a plugin, the key of TLS) and
 * that everybody may read, or a group with members: engines join the server's.
 */
void secret_files_warn(const struct serving *);

#endif
