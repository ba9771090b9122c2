/*
 * new_file.h - writes a new file into an open directory, whole or not at all.
 */
#ifndef PANGOLIN_NEW_FILE_H
#define PANGOLIN_NEW_FILE_H

#include "base/str.h"

/* The most that one system call reads or writes: many kernels run nothing else
 * on the processor until a call is over, and 40 MiB take 30 ms. */
#define FILE_PART_BYTES ((size_t)256 * 1024)

/*
 * The file is durable when this returns true; otherwise errno is set, EEXIST
 * where the name is taken.  Where a file system has no files without a name
 * (O_TMPFILE: NFS and others), a kill may leave a part of the file under its
 * name; `name` is one that no reader was told yet.
 */
bool new_file_write(int directory, const char *name, struct str bytes);

#endif
