#include "ops/pages.h"

#include <libdeflate.h>

#include "http/coding.h"

/* No code, style or request of the page goes anywhere but here, and nobody
 * can put it into a frame. */
#define CONTENT_SECURITY_POLICY                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; "            \
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; "          \
	"form-action 'self'; frame-ancestors 'none'"

#define A_YEAR "public, max-age=31536000, immutable"

static const struct embedded_page *
page_find(struct str name)
{
	const struct embedded_page *page = embedded_pages;

	while (page->name != NULL && !str_eq(str_from(page->name), name))
		page++;
	return page->name != NULL ? page : NULL;
}

static const char *
content_type(struct str name)
{
	/* clang-format off */
	static const struct { const char *suffix, *type; } known[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js",   "text/javascript; charset=utf-8" },
		{ ".css",  "text/css; charset=utf-8" },
		{ ".svg",  "image/svg+xml" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_ends_with(name, str_from(known[i].suffix)))
			return known[i].type;
	}
	return "application/octet-stream";
}

/* If-None-Match: a list of tags, compared without "W/" (RFC 9110, 13.1.2). */
static bool
has_already(const struct request *r, struct str etag)
{
	struct str rest = request_header(r, STR("If-None-Match"));
	struct str tag = str_skip(etag, 2);

	while (rest.ptr != NULL) {
		struct str theirs = str_trim(str_cut(&rest, ','));

		if (str_starts_with(theirs, STR("W/")))
			theirs = str_skip(theirs, 2);
		if (str_eq(theirs, tag) || str_eq(theirs, STR("*")))
			return true;
	}
	return false;
}

/* For the few that take no gzip. */
static struct str
inflate(struct arena *a, const struct embedded_page *page)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	char *text = ARENA_NEW(a, char, page->size);
	enum libdeflate_result result = LIBDEFLATE_BAD_DATA;

	if (d != NULL)
		result = libdeflate_gzip_decompress(
		    d, page->gzip, page->gzip_size, text, page->size, NULL);
	libdeflate_free_decompressor(d);
	return result == LIBDEFLATE_SUCCESS ? (struct str){ text, page->size }
					    : (struct str){ 0 };
}

static enum err
add_body(struct request *r, const struct embedded_page *page)
{
	r->reply.content_type = content_type(str_from(page->name));
	if (coding_takes_gzip(r)) {
		reply_header(r, "Content-Encoding", STR("gzip"));
		reply_part(r, (struct str){ page->gzip, page->gzip_size });
		return OK;
	}

	struct str text = inflate(r->arena, page);

	if (text.ptr == NULL)
		return fail(&r->error, ERR_INTERNAL,
		    "The page could not be decompressed.");
	reply_part(r, text);
	return OK;
}

static enum err
answer(struct request *r, const struct embedded_page *page, struct str keep)
{
	struct str etag = str_from(page->etag);

	reply_header(r, "Cache-Control", keep);
	reply_header(r, "ETag", etag);
	reply_header(r, "Vary", STR("Accept-Encoding"));
	reply_header(
	    r, "Content-Security-Policy", STR(CONTENT_SECURITY_POLICY));
	reply_header(r, "Referrer-Policy", STR("no-referrer"));
	if (has_already(r, etag)) {
		r->reply.status = 304;
		return OK;
	}
	return add_body(r, page);
}

enum err
page_index(struct request *r)
{
	const struct embedded_page *page = page_find(STR("index.html"));

	if (page == NULL)
		return fail(&r->error, ERR_NOT_FOUND,
		    "This program was built without its page.");
	return answer(r, page, STR("no-cache"));
}

enum err
page_asset(struct request *r)
{
	const struct embedded_page *page = page_find(r->arg[0]);

	if (page == NULL)
		return fail(
		    &r->error, ERR_NOT_FOUND, "There is nothing at this path.");
	return answer(r, page, STR(A_YEAR));
}
