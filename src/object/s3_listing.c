/* s3_listing.c - a page of keys. */
#include "base/clock.h"
#include "object/s3_request.h"
#include "object/s3_xml.h"

/* A thousand keys of S3_KEY_MAX bytes, encoded, with what comes beside. */
#define XML_BYTES_MAX ((size_t)8 * 1024 * 1024)

enum err
s3_malformed(struct s3_client *client, struct call *c)
{
	return fail(c->error, ERR_UNAVAILABLE,
	    "The server's answer about s3://" STR_FMT " is malformed",
	    STR_ARG(s3_bucket(client)));
}

enum err
s3_ask_for_xml(struct s3_client *client, struct call *c, struct s3_request *r,
    struct str root, struct str *ret)
{
	struct s3_exchange x;

	r->most = XML_BYTES_MAX;
	TRY(s3_ask(client, c, r, &x));
	if (x.status != 200 || x.too_large)
		return s3_failed(client, c, r, &x);
	*ret = xml_find(x.answer, root);
	return ret->ptr != NULL ? OK : s3_malformed(client, c);
}

/* ---- lists */
/* A key as "encoding-type=url" has it: of "%2B" and "+" the latter is a
 * blank. */
static struct str
decoded(struct arena *a, struct str text)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '+')
			c = ' ';
		if (c == '%' && i + 2 < text.len) {
			int high = str_hex_digit(text.ptr[i + 1]);
			int low = str_hex_digit(text.ptr[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			}
		}
		buf_add_char(&b, c);
	}
	return buf_str(&b);
}

static bool
read_entry(
    struct arena *a, struct str inside, bool is_encoded, struct s3_listed *ret)
{
	struct str key = xml_text(a, xml_find(inside, STR("Key")));
	struct str size = xml_find(inside, STR("Size"));
	struct str modified = xml_find(inside, STR("LastModified"));

	if (key.ptr == NULL || key.len == 0)
		return false;
	ret->key = is_encoded ? decoded(a, key) : key;
	return str_to_int(size, &ret->size) &&
	       clock_parse(modified, &ret->modified_us);
}

static bool
read_page(struct arena *a, struct str inside, size_t limit, struct s3_page *ret)
{
	struct str encoding = xml_find(inside, STR("EncodingType"));
	struct str more = xml_find(inside, STR("IsTruncated"));
	struct xml_element e;

	ret->at = ARENA_NEW(a, struct s3_listed, limit);
	ret->count = 0;
	if (str_eq(more, STR("true"))) {
		ret->next =
		    xml_text(a, xml_find(inside, STR("NextContinuationToken")));
		if (ret->next.len == 0)
			return false;
	}
	while (xml_next(&inside, &e)) {
		if (!str_eq(e.name, STR("Contents")))
			continue;
		if (ret->count == limit ||
		    !read_entry(a, e.inside, str_eq(encoding, STR("url")),
			&ret->at[ret->count++]))
			return false;
	}
	return inside.ptr != NULL;
}

enum err
s3_list(struct s3_client *client, struct call *c, struct str prefix,
    struct str after, size_t limit, struct s3_page *ret)
{
	struct pair query[] = {
		{ STR("list-type"), STR("2") },
		{ STR("encoding-type"), STR("url") },
		{ STR("prefix"), prefix },
		{ STR("max-keys"), { 0 } },
		{ STR("continuation-token"), after },
	};
	struct s3_request r = { .method = "GET",
		.query = { query, after.ptr != NULL ? 5 : 4 } };
	struct s3_page page = { 0 };
	struct str inside = { 0 };

	if (limit == 0 || limit > S3_LIST_MAX)
		limit = S3_LIST_MAX;
	query[3].value = arena_printf(c->arena, "%zu", limit);
	TRY(s3_ask_for_xml(client, c, &r, STR("ListBucketResult"), &inside));
	if (!read_page(c->arena, inside, limit, &page))
		return s3_malformed(client, c);
	TRY(arena_check(c->arena, c->error));
	*ret = page;
	return OK;
}
