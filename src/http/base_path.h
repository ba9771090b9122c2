/*
 * base_path.h - recognises base URLs of other catalogs, which people write from
 * habit.
 *
 * Apache Polaris has the Iceberg API below /api/catalog, Lakekeeper below
 * /catalog, Nessie and Gravitino below /iceberg; here it is at the root.
 */
#ifndef PANGOLIN_BASE_PATH_H
#define PANGOLIN_BASE_PATH_H

#include "http/request.h"

/* Whether the path is at or below one of these base paths, where Iceberg
 * clients would ask. */
bool base_path_is_foreign(struct str path);

/* ERR_NOT_FOUND for a path without a route.  At or below one of these base
 * paths the message says what the base URL is: `public_url`, what a trusted
 * proxy says, or `listen` ("127.0.0.1:8181") when the client asked that.  The
 * message never repeats a Host header. */
MUST_CHECK enum err base_path_fail(
    struct request *, struct str public_url, struct str listen);

#endif
