/* test_sigv4.c - signatures are those of the examples that AWS publishes
 * (Amazon S3 API reference, "Examples: Signature Calculations"). */
#include "object/sigv4.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

static const struct sigv4_credentials example = {
	.access_key = STR_INIT("AKIAIOSFODNN7EXAMPLE"),
	.secret_key = STR_INIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};

#define EMPTY_HASH                                                             \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HOST                                                                   \
	{                                                                      \
		STR_INIT("Host"), STR_INIT("examplebucket.s3.amazonaws.com")   \
	}
#define PAIRS(array)                                                           \
	((struct pairs){ (array), sizeof(array) / sizeof(*(array)) })

static int
make_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

/* A request of 2013-05-24, as all of the examples. */
static struct sigv4_request
example_request(const char *method, const char *path, struct pairs headers)
{
	struct sigv4_request r = {
		.method = str_from(method),
		.path = str_from(path),
		.headers = headers,
		.payload_hash = STR(EMPTY_HASH),
		.region = STR("us-east-1"),
		.service = STR("s3"),
	};

	assert_true(clock_parse(STR("2013-05-24T00:00:00Z"), &r.at_us));
	return r;
}

static struct str
authorization(struct arena *a, const struct sigv4_request *r)
{
	return pairs_find(sigv4_sign(a, r, &example), STR("Authorization"));
}

static void
assert_signed(struct arena *a, const struct sigv4_request *r, const char *names,
    const char *signature)
{
	assert_str(authorization(a, r),
	    arena_printf(a,
		"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
		"us-east-1/s3/aws4_request,SignedHeaders=%s,Signature=%s",
		names, signature));
}

static void
get_object_is_signed_as_published(void **state)
{
	struct pair headers[] = { HOST,
		{ STR_INIT("Range"), STR_INIT("bytes=0-9") } };
	struct sigv4_request r =
	    example_request("GET", "/test.txt", PAIRS(headers));

	assert_signed(*state, &r, "host;range;x-amz-content-sha256;x-amz-date",
	    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void
put_object_is_signed_as_published(void **state)
{
	struct pair headers[] = { HOST,
		{ STR_INIT("Date"), STR_INIT("Fri, 24 May 2013 00:00:00 GMT") },
		{ STR_INIT("x-amz-storage-class"),
		    STR_INIT(" REDUCED_REDUNDANCY ") } };
	struct buf path = buf_in(*state);
	struct sigv4_request r = example_request("PUT", "", PAIRS(headers));

	sigv4_encode(&path, STR("/test$file.text"), true);
	r.path = buf_str(&path);
	r.payload_hash = sigv4_hash(*state, STR("Welcome to Amazon S3."));
	assert_str(r.payload_hash,
	    STR("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8"
		"b072"));
	assert_signed(*state, &r,
	    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void
bucket_lifecycle_is_signed_as_published(void **state)
{
	struct pair headers[] = { HOST };
	struct pair query[] = { { STR_INIT("lifecycle"), STR_INIT("") } };
	struct sigv4_request r = example_request("GET", "/", PAIRS(headers));

	r.query = PAIRS(query);
	assert_signed(*state, &r, "host;x-amz-content-sha256;x-amz-date",
	    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void
list_objects_is_signed_as_published(void **state)
{
	struct pair headers[] = { HOST };
	struct pair query[] = { { STR_INIT("prefix"), STR_INIT("J") },
		{ STR_INIT("max-keys"), STR_INIT("2") } };
	struct sigv4_request r = example_request("GET", "/", PAIRS(headers));

	r.query = PAIRS(query);
	assert_signed(*state, &r, "host;x-amz-content-sha256;x-amz-date",
	    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void
presigned_get_is_as_published(void **state)
{
	struct pair headers[] = { HOST };
	struct sigv4_request r =
	    example_request("GET", "/test.txt", PAIRS(headers));

	assert_str(sigv4_presign(*state, &r, &example, 86400),
	    STR("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
		"AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
		"aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c2"
		"65957d157751f604d404&X-Amz-SignedHeaders=host"));
}

static void
canonical_request_is_as_published(void **state)
{
	struct pair headers[] = { HOST,
		{ STR_INIT("x-amz-date"), STR_INIT("20130524T000000Z") },
		{ STR_INIT("x-amz-content-sha256"), STR_INIT(EMPTY_HASH) },
		{ STR_INIT("Range"), STR_INIT("bytes=0-9") } };
	struct sigv4_request r =
	    example_request("GET", "/test.txt", PAIRS(headers));

	assert_str(sigv4_canonical(*state, &r),
	    STR("GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\n"
		"range:bytes=0-9\nx-amz-content-sha256:" EMPTY_HASH "\n"
		"x-amz-date:20130524T000000Z\n\n"
		"host;range;x-amz-content-sha256;x-amz-date\n" EMPTY_HASH));
	assert_str(sigv4_hash(*state, sigv4_canonical(*state, &r)),
	    STR("7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc4396494"
		"6972"));
}

static void
odd_keys_keep_each_of_their_bytes(void **state)
{
	struct buf b = buf_in(*state);

	sigv4_encode(&b, STR("/a b/c+d&e=f%2g//./../\xC3\xBC/~-._*'()"), true);
	assert_str(buf_str(&b),
	    STR("/a%20b/c%2Bd%26e%3Df%252g//./../%C3%BC/~-._%2A%27%28%29"));
}

static void
queries_are_sorted_as_they_are_encoded(void **state)
{
	struct pair query[] = { { STR_INIT("a-b"), STR_INIT("1") },
		{ STR_INIT("a"), STR_INIT("x/y +") },
		{ STR_INIT("a"), STR_INIT("B") },
		{ STR_INIT("\xC3\xBC"), STR_INIT("") } };

	assert_str(sigv4_query(*state, PAIRS(query)),
	    STR("%C3%BC=&a=B&a=x%2Fy%20%2B&a-b=1"));
	assert_str(sigv4_query(*state, (struct pairs){ 0 }), STR(""));
}

static void
session_tokens_are_signed(void **state)
{
	struct pair headers[] = { HOST };
	struct sigv4_request r = example_request("GET", "/", PAIRS(headers));
	struct sigv4_credentials by = example;

	by.session_token = STR("to/ken+=");

	struct pairs sent = sigv4_sign(*state, &r, &by);

	assert_str(
	    pairs_find(sent, STR("x-amz-security-token")), STR("to/ken+="));
	assert_non_null(memmem(pairs_find(sent, STR("Authorization")).ptr,
	    pairs_find(sent, STR("Authorization")).len,
	    "x-amz-date;x-amz-security-token,", 32));
	assert_non_null(
	    strstr(arena_cstr(*state, sigv4_presign(*state, &r, &by, 60)),
		"&X-Amz-Security-Token=to%2Fken%2B%3D&"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_object_is_signed_as_published),
		cmocka_unit_test(put_object_is_signed_as_published),
		cmocka_unit_test(bucket_lifecycle_is_signed_as_published),
		cmocka_unit_test(list_objects_is_signed_as_published),
		cmocka_unit_test(presigned_get_is_as_published),
		cmocka_unit_test(canonical_request_is_as_published),
		cmocka_unit_test(odd_keys_keep_each_of_their_bytes),
		cmocka_unit_test(queries_are_sorted_as_they_are_encoded),
		cmocka_unit_test(session_tokens_are_signed),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
