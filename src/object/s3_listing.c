/* s3_listing.c - many objects: a page of keys, and deletes of a thousand. */
#include <openssl/evp.h>
#include <sodium.h>

#include "base/clock.h"
#include "object/s3_request.h"
#include "object/s3_xml.h"

/* A thousand keys of S3_KEY_MAX bytes, encoded, with what comes beside. */
#define XML_BYTES_MAX ((size_t)8 * 1024 * 1024)

static enum err
malformed(struct s3_client *client, struct call *c)
{
	return fail(c->error, ERR_UNAVAILABLE,
	    "The server's answer about s3://" STR_FMT " is malformed",
	    STR_ARG(s3_bucket(client)));
}

static enum err
ask_for_xml(struct s3_client *client, struct call *c, struct s3_request *r,
    struct str root, struct str *ret)
{
	struct s3_exchange x;

	r->most = XML_BYTES_MAX;
	TRY(s3_ask(client, c, r, &x));
	if (x.status != 200 || x.too_large)
		return s3_failed(client, c, r, &x);
	*ret = xml_find(x.answer, root);
	return ret->ptr != NULL ? OK : malformed(client, c);
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
	TRY(ask_for_xml(client, c, &r, STR("ListBucketResult"), &inside));
	if (!read_page(c->arena, inside, limit, &page))
		return malformed(client, c);
	TRY(arena_check(c->arena, c->error));
	*ret = page;
	return OK;
}

/* ---- deletes */
static struct str
delete_body(struct arena *a, const struct str *keys, size_t count)
{
	struct buf b = buf_in(a);

	buf_add(&b, STR("<Delete><Quiet>true</Quiet>"));
	for (size_t i = 0; i < count; i++) {
		buf_add(&b, STR("<Object><Key>"));
		xml_add_text(&b, keys[i]);
		buf_add(&b, STR("</Key></Object>"));
	}
	buf_add(&b, STR("</Delete>"));
	return buf_str(&b);
}

/* This one request has to have the MD5 of its body (S3 API, DeleteObjects). */
static struct str
md5_base64(struct arena *a, struct str bytes)
{
	unsigned char md5[16];
	size_t room = sodium_base64_encoded_len(
	    sizeof(md5), sodium_base64_VARIANT_ORIGINAL);
	char *text = ARENA_NEW(a, char, room);
	size_t n = sizeof(md5);

	if (EVP_Q_digest(NULL, "MD5", NULL, bytes.ptr, bytes.len, md5, &n) != 1)
		return (struct str){ 0 };
	(void)sodium_bin2base64(
	    text, room, md5, sizeof(md5), sodium_base64_VARIANT_ORIGINAL);
	return str_from(text);
}

static enum err
refused(struct s3_client *client, struct call *c, struct str error)
{
	struct str key = xml_text(c->arena, xml_find(error, STR("Key")));

	return fail(c->error, ERR_UNAVAILABLE,
	    "The server refuses to delete s3://" STR_FMT "/" STR_FMT,
	    STR_ARG(s3_bucket(client)), STR_ARG(key));
}

/* Characters below a blank cannot be written in XML. */
static enum err
keys_check(
    struct s3_client *client, struct call *c, const struct str *keys, size_t n)
{
	if (n > S3_DELETE_MAX)
		return fail(c->error, ERR_BAD_REQUEST,
		    "At most %d keys are deleted at once", S3_DELETE_MAX);
	for (size_t i = 0; i < n; i++) {
		TRY(s3_key_check(client, c, keys[i]));
		for (size_t k = 0; k < keys[i].len; k++)
			if ((unsigned char)keys[i].ptr[k] < ' ')
				return fail(c->error, ERR_BAD_REQUEST,
				    "A key with a control character is deleted "
				    "alone");
	}
	return OK;
}

enum err
s3_delete_many(struct s3_client *client, struct call *c, const struct str *keys,
    size_t count)
{
	struct pair query = { STR("delete"), STR("") };
	struct pair header = { STR("Content-MD5"), { 0 } };
	struct s3_request r = { .method = "POST",
		.query = { &query, 1 },
		.headers = { &header, 1 } };
	struct str inside = { 0 }, error;

	if (count == 0)
		return OK;
	TRY(keys_check(client, c, keys, count));
	r.body = delete_body(c->arena, keys, count);
	header.value = md5_base64(c->arena, r.body);
	if (header.value.ptr == NULL)
		return fail(c->error, ERR_UNAVAILABLE,
		    "This machine's OpenSSL has no MD5, without which S3 "
		    "deletes objects one by one only");
	TRY(ask_for_xml(client, c, &r, STR("DeleteResult"), &inside));
	error = xml_find(inside, STR("Error"));
	return error.ptr == NULL ? OK : refused(client, c, error);
}
