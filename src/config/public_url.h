/*
 * public_url.h - checks the URLs at which clients reach the server: no query,
 * no user, and nothing that needs quoting in a header, JSON or HTML.
 */
#ifndef PANGOLIN_PUBLIC_URL_H
#define PANGOLIN_PUBLIC_URL_H

#include <stdbool.h>

#include "base/str.h"

/* "example.com", "192.0.2.7:8080", "[2001:db8::7]:8080" */
bool url_host_is_valid(struct str);

/* "/catalog", "/a/b"; no slash at its end, no "." or ".." between slashes. */
bool url_path_is_valid(struct str);

/* "https://example.com/catalog"; http and https only. */
bool public_url_is_valid(struct str);

#endif
