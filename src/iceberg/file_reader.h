/*
 * file_reader.h - a callback that reads a file that metadata names, for the
 * functions of this folder, which know no storage.
 */
#ifndef PANGOLIN_FILE_READER_H
#define PANGOLIN_FILE_READER_H

#include "base/error.h"
#include "base/str.h"

/* The bytes that are read must stay as long as what is made of them. */
struct file_reader {
	enum err (*read)(
	    void *self, struct str location, struct str *ret, struct error *);
	void *self;
};

#endif
