/*
 * curl_memory.h - libcurl and OpenSSL without leftovers: what they free is
 * zeroed, since answers of STS have keys.
 */
#ifndef PANGOLIN_CURL_MEMORY_H
#define PANGOLIN_CURL_MEMORY_H

#include <curl/curl.h>

/* Starts libcurl, once, before it is used. */
void curl_memory_start(void);

/* For CURLOPT_SSL_CTX_FUNCTION. */
CURLcode curl_memory_tls(CURL *, void *ssl_ctx, void *ignored);

#endif
