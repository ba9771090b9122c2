#include "object/curl_memory.h"

#include <malloc.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

static void
wiping_free(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *
wiping_realloc(void *p, size_t size)
{
	size_t old = p != NULL ? malloc_usable_size(p) : 0;
	void *new = malloc(size);

	if (new == NULL)
		return NULL;
	if (old != 0)
		memcpy(new, p, old < size ? old : size);
	wiping_free(p);
	return new;
}

void
curl_memory_start(void)
{
	(void)curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free,
	    wiping_realloc, strdup, calloc);
}

CURLcode
curl_memory_tls(CURL *curl, void *ssl_ctx, void *ignored)
{
	(void)curl;
	(void)ignored;
	(void)SSL_CTX_set_options(ssl_ctx, SSL_OP_CLEANSE_PLAINTEXT);
	return CURLE_OK;
}
