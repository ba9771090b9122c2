/*
 * new_file.h - writes a new file into an open directory, whole or not at all.
 */
#ifndef PANGOLIN_NEW_FILE_H
#define PANGOLIN_NEW_FILE_H

#include "base/str.h"

/*
 * The file is durable when this returns true; otherwise errno is set, EEXIST
 * where the name is taken.  Where a file system has no files without a name
 * (O_TMPFILE: NFS and others), a kill may leave a part of the file under its
 * name; `name` is one that no reader was told yet.
 */
bool new_file_write(int directory, const char *name, struct str bytes);

#endif
