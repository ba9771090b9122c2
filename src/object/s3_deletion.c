#include "object/s3_deletion.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "base/str_map.h"
#include "object/s3_request.h"
#include "object/s3_xml.h"

#define CODE_MAX 64 /* characters of a server's word */

/* ---- the request */
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

/* ---- the answer */

/* The server's word becomes a part of messages: letters only. */
static struct str
code_of(struct arena *a, struct str error)
{
	struct str code = xml_find(error, STR("Code"));

	if (code.len == 0 || code.len > CODE_MAX)
		return STR("refused");
	for (size_t i = 0; i < code.len; i++)
		if (!((code.ptr[i] >= 'A' && code.ptr[i] <= 'Z') ||
			(code.ptr[i] >= 'a' && code.ptr[i] <= 'z')))
			return STR("refused");
	return arena_copy(a, code);
}

/* One "Error" of the answer.  An object that is not there is gone. */
static bool
read_refusal(struct arena *a, struct str error, const struct str_map *asked)
{
	struct str key = xml_find(error, STR("Key"));
	struct str text = key.ptr != NULL ? xml_text(a, key) : key;
	struct str code = code_of(a, error);
	struct s3_outcome *of =
	    text.ptr != NULL ? str_map_find(asked, text) : NULL;

	if (of == NULL)
		return false;
	if (!str_eq(code, STR("NoSuchKey")))
		of->code = code;
	return true;
}

bool
s3_deletion_read(struct arena *a, struct str inside, const struct str *keys,
    size_t count, struct s3_outcome *ret)
{
	struct s3_outcome *first = ARENA_NEW(a, struct s3_outcome, count);
	struct str_map asked = str_map_in(a);
	size_t refusals = 0;
	struct xml_element e;

	for (size_t i = 0; i < count; i++) {
		first[i] = (struct s3_outcome){ 0 };
		*str_map_slot(&asked, keys[i]) = &first[i];
	}
	while (xml_next(&inside, &e))
		if (str_eq(e.name, STR("Error")) &&
		    (refusals++ == count || !read_refusal(a, e.inside, &asked)))
			return false;
	if (inside.ptr == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		ret[i] = *(struct s3_outcome *)str_map_find(&asked, keys[i]);
	return true;
}

enum err
s3_delete_each(struct s3_client *client, struct call *c, const struct str *keys,
    size_t count, struct s3_outcome *ret)
{
	struct pair query = { STR("delete"), STR("") };
	struct pair header = { STR("Content-MD5"), { 0 } };
	struct s3_request r = { .method = "POST",
		.query = { &query, 1 },
		.headers = { &header, 1 } };
	struct str inside = { 0 };

	if (count == 0)
		return OK;
	TRY(keys_check(client, c, keys, count));
	r.body = delete_body(c->arena, keys, count);
	header.value = md5_base64(c->arena, r.body);
	if (header.value.ptr == NULL)
		return fail(c->error, ERR_UNAVAILABLE,
		    "This machine's OpenSSL has no MD5, without which S3 "
		    "deletes objects one by one only");
	TRY(s3_ask_for_xml(client, c, &r, STR("DeleteResult"), &inside));
	if (!s3_deletion_read(c->arena, inside, keys, count, ret))
		return s3_malformed(client, c);
	return arena_check(c->arena, c->error);
}

enum err
s3_delete_many(struct s3_client *client, struct call *c, const struct str *keys,
    size_t count)
{
	struct s3_outcome *of = ARENA_NEW(c->arena, struct s3_outcome, count);
	size_t refused = 0, first = 0;

	TRY(s3_delete_each(client, c, keys, count, of));
	for (size_t i = 0; i < count; i++)
		if (of[i].code.ptr != NULL && refused++ == 0)
			first = i;
	if (refused == 0)
		return OK;
	return fail(c->error, ERR_UNAVAILABLE,
	    "The server refuses to delete %zu of %zu objects, the first is "
	    "s3://" STR_FMT "/" STR_FMT ": " STR_FMT,
	    refused, count, STR_ARG(s3_bucket(client)), STR_ARG(keys[first]),
	    STR_ARG(of[first].code));
}
