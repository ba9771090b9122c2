/*
 * embedded.h - the plugins that the release carries, as gzip blobs in
 * .rodata; plugins/embed writes the table.  Development builds carry none.
 */
#ifndef PANGOLIN_EMBEDDED_H
#define PANGOLIN_EMBEDDED_H

#include <stdint.h>

struct embedded_plugin {
	const char *name; /* "store-sqlite"; NULL ends the table */
	const unsigned char *gzip;
	uint64_t size; /* bytes of gzip */
};

extern const struct embedded_plugin embedded_plugins[];

#endif
