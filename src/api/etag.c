#include "api/etag.h"

#include <sodium.h>

#include "api/served_metadata.h"
#include "base/buf.h"

#define HASH_BYTES crypto_shorthash_siphashx24_BYTES
#define DELEGATION "X-Iceberg-Access-Delegation"

/* Another key is another tag for every table: for when answers change their
 * form. */
static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] =
    "LoadTableResult";

/* The next of a list's elements; quotes may hold commas.  ptr NULL: none. */
static struct str
next_tag(struct str *rest)
{
	struct str tag = { 0 };

	while (rest->len != 0 && strchr(" \t,", rest->ptr[0]) != NULL)
		*rest = str_skip(*rest, 1);
	if (str_starts_with(*rest, STR("W/")))
		*rest = str_skip(*rest, 2);
	if (rest->len == 0)
		return tag;
	if (rest->ptr[0] != '"')
		return str_trim(str_cut(rest, ','));
	*rest = str_skip(*rest, 1);
	return str_cut(rest, '"');
}

/* The text between the quotes: W/"this" */
static struct str
opaque(struct str etag)
{
	return (struct str){ etag.ptr + 3, etag.len - 4 };
}

/* "LOG.POSITION" */
static bool
is_position(struct str text, struct point *ret)
{
	struct str log = str_cut(&text, '.');

	return text.ptr != NULL && str_to_int(log, &ret->branch) &&
	       str_to_int(text, &ret->seq);
}

static bool
names(struct str list, struct str wanted)
{
	struct point at;
	struct str tag;

	if (str_eq(str_trim(list), STR("*")))
		return true;
	while ((tag = next_tag(&list)).ptr != NULL) {
		struct str name = str_cut(&tag, '.');

		if (str_eq(name, wanted) &&
		    (tag.ptr == NULL || is_position(tag, &at)))
			return true;
	}
	return false;
}

/* Servers may do one of these or neither; none is given yet, but a client may
 * keep answers apart by them. */
static const char *
delegation_of(const struct request *r)
{
	struct str rest = request_header(r, STR(DELEGATION));
	bool vended = false, signing = false;

	while (rest.len != 0) {
		struct str one = str_trim(str_cut(&rest, ','));

		vended |= str_eq_nocase(one, STR("vended-credentials"));
		signing |= str_eq_nocase(one, STR("remote-signing"));
	}
	if (vended)
		return signing ? "-vended-signed" : "-vended";
	return signing ? "-signed" : "";
}

struct str
etag_of(const struct request *r, struct str metadata_location, unsigned served,
    struct point at)
{
	unsigned char hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	struct buf tag = buf_in(r->arena);

	(void)crypto_shorthash_siphashx24(hash,
	    (const unsigned char *)metadata_location.ptr, metadata_location.len,
	    key);
	(void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	buf_add(&tag, STR("W/\""));
	buf_add(&tag, str_from(hex));
	buf_add(&tag, (served & SERVED_REFS) != 0 ? STR("-refs") : STR("-all"));
	if ((served & SERVED_SHARED) != 0)
		buf_add(&tag, STR("-shared"));
	buf_add(&tag, str_from(delegation_of(r)));
	if (at.branch != 0)
		buf_printf(&tag, ".%lld.%lld", (long long)at.branch,
		    (long long)at.seq);
	buf_add_char(&tag, '"');
	return buf_str(&tag);
}

int64_t
etag_position(const struct request *r, int64_t log)
{
	int64_t highest = 0;

	for (size_t i = 0; i < r->headers.count; i++) {
		struct str list = r->headers.at[i].value, tag;

		if (!str_eq_nocase(r->headers.at[i].name, STR("If-None-Match")))
			continue;
		while ((tag = next_tag(&list)).ptr != NULL) {
			struct point at;

			(void)str_cut(&tag, '.');
			if (tag.ptr != NULL && is_position(tag, &at) &&
			    at.branch == log && at.seq > highest)
				highest = at.seq;
		}
	}
	return highest;
}

bool
etag_is_known(const struct request *r, struct str etag)
{
	struct str wanted = opaque(etag);

	wanted = str_cut(&wanted, '.');
	for (size_t i = 0; i < r->headers.count; i++) {
		const struct header *h = &r->headers.at[i];

		if (str_eq_nocase(h->name, STR("If-None-Match")) &&
		    names(h->value, wanted))
			return true;
	}
	return false;
}

void
etag_reply(struct request *r, struct str etag)
{
	reply_header(r, "ETag", etag);
	reply_header(r, "Vary", STR(DELEGATION));
}

void
etag_not_modified(struct request *r, struct str etag)
{
	r->reply.status = 304;
	reply_header(r, "ETag", etag);
	reply_header(r, "Vary", STR("Accept-Encoding, " DELEGATION));
}
