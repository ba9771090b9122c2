/*
 * libraries.c - pangolin version --libraries: versions as the libraries tell
 * them, or headers at compile time where there is nothing to call.
 */
#include <curl/curlver.h>
#include <gnu/libc-version.h>
#include <libdeflate.h>
#include <llhttp.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <stdio.h>
#include <zstd.h>

#include "base/json.h"
#include "cli/verbs.h"
#include "plugin/loader.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

#define LLHTTP_VERSION                                                         \
	TEXT(LLHTTP_VERSION_MAJOR)                                             \
	"." TEXT(LLHTTP_VERSION_MINOR) "." TEXT(LLHTTP_VERSION_PATCH)

static void
print_host(FILE *f, const struct serving *s)
{
	/* clang-format off */
	const struct { const char *name, *version, *licence; } rows[] = {
		{ "kore", s->kore_version, "ISC" },
		{ "llhttp", LLHTTP_VERSION, "MIT" },
		{ "yyjson", YYJSON_VERSION_STRING, "MIT" },
		{ "OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING),
		    "Apache-2.0" },
		{ "curl", LIBCURL_VERSION, "curl" },
		{ "libsodium", sodium_version_string(), "ISC" },
		{ "libdeflate", LIBDEFLATE_VERSION_STRING, "MIT" },
		{ "zstd", ZSTD_versionString(), "BSD-3-Clause" },
		{ "glibc", gnu_get_libc_version(),
		    "LGPL-2.1-or-later, the machine's own" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)fprintf(f, "%-12s %-10s %s\n", rows[i].name,
		    rows[i].version, rows[i].licence);
}

static enum err
print_plugin(FILE *f, const struct plugin_search *search, const char *full,
    struct error *e)
{
	struct str name = str_from(full), kind = str_cut(&name, '-');
	const struct plugin *p = NULL;

	TRY(plugin_load(search,
	    str_eq(kind, STR("store")) ? PLUGIN_STORE : PLUGIN_CACHE, name, &p,
	    e));
	for (const char *const *l = p->libraries; *l != NULL; l++)
		(void)fprintf(f, "%s, in %s\n", *l, full);
	return OK;
}

int
libraries_print(FILE *f, const struct serving *s)
{
	const struct plugin_search search = { embedded_plugins, { 0 } };
	struct error e = { 0 };

	print_host(f, s);
	for (const struct embedded_plugin *p = embedded_plugins;
	     p->name != NULL; p++) {
		if (print_plugin(f, &search, p->name, &e) == OK)
			continue;
		(void)fprintf(stderr, "pangolin: %s\n", e.message);
		return 1;
	}
	return 0;
}
