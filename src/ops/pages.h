/*
 * pages.h - serves the admin's page from files inside the program.
 *
 * The page is one HTML file, which browsers ask for again each time, and files
 * with a hash of their content in the name, which never change.
 */
#ifndef PANGOLIN_PAGES_H
#define PANGOLIN_PAGES_H

#include <stdint.h>

#include "http/request.h"

struct embedded_page {
	const char *name; /* "index.html"; NULL ends the table */
	const char *etag; /* weak: the same for both encodings */
	const char *gzip;
	uint64_t gzip_size, size; /* bytes, compressed and not */
};

/* ui/embed writes it from the files of assets/. */
extern const struct embedded_page embedded_pages[];

/* GET / */
enum err page_index(struct request *);

/* GET /assets/{file} */
enum err page_asset(struct request *);

#endif
