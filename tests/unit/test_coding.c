/* test_coding.c - gzip: who gets it, and what comes out of it. */
#include "http/coding.h"

#include <libdeflate.h>

#include "tests/unit/unit.h"

#define LONG 4000

static const struct limits limits = { .body_bytes = 1 << 20,
	.bodies_bytes = 1 << 21,
	.bodies_tenant_percent = 100 };

static struct request r;
static struct header header;
static struct bodies bodies;
static char text[LONG];

static int
set_up(void **state)
{
	(void)state;
	r = (struct request){ .arena = arena_new(), .method = METHOD_GET };
	r.headers = (struct headers){ &header, 1 };
	r.principal = (const struct principal *)(const void *)text;
	bodies = (struct bodies){ .held = 0 };
	for (size_t i = 0; i < LONG; i++)
		text[i] = (char)('a' + i * i % 7);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(r.arena);
	return 0;
}

static const char *
reply_of(const char *name)
{
	for (size_t i = 0; i < r.reply.header_count; i++)
		if (str_eq(r.reply.header[i].name, str_from(name)))
			return r.reply.header[i].value.ptr;
	return NULL;
}

/* Is a reply packed for a client with this Accept-Encoding? */
static bool
packs_for(const char *accept)
{
	header = (struct header){ STR("accept-encoding"), str_from(accept) };
	r.reply = (struct reply){ .status = 200 };
	reply_part(&r, (struct str){ text, LONG });
	coding_pack(&r);
	assert_string_equal(reply_of("Vary"), "Accept-Encoding");
	return reply_of("Content-Encoding") != NULL;
}

static void
packs_for_who_takes_it(void **state)
{
	static const char *const yes[] = { "gzip", "GZIP", "x-gzip", "*",
		"deflate, gzip", "gzip;q=0.001", "br;q=1, gzip ; q=0.5",
		"identity;q=0.5, gzip", "gzip;q=1.000", "*;q=0, gzip",
		"deflate,, gzip" };
	static const char *const no[] = { "", "identity", "deflate, br",
		"gzip;q=0", "gzip;q=0.000", "*, gzip;q=0",
		"gzip;q=0.5, identity", "gzip;q=2", "gzip;q=x",
		"gzip;q=", "gzip;q=1.001", "gzipped", "*;q=0" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!packs_for(yes[i]))
			fail_msg("not packed for \"%s\"", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (packs_for(no[i]))
			fail_msg("packed for \"%s\"", no[i]);
}

static struct str
unpacked(struct str body)
{
	header = (struct header){ STR("Content-Encoding"), STR("gzip") };
	r.body = body;
	assert_int_equal(coding_unpack(&r, &limits, &bodies), OK);
	return r.body;
}

static void
packs_all_parts_as_one(void **state)
{
	(void)state;
	header = (struct header){ STR("Accept-Encoding"), STR("gzip") };
	reply_part(&r, STR("{"));
	reply_part(&r, (struct str){ text, LONG });
	reply_part(&r, STR("}"));
	coding_pack(&r);
	assert_int_equal(r.reply.part_count, 1);
	assert_true(r.reply.part[0].len < LONG / 2);

	struct str whole = unpacked(r.reply.part[0]);

	assert_int_equal(whole.len, LONG + 2);
	assert_memory_equal(whole.ptr + 1, text, LONG);
}

static void
leaves_alone_what_must_not_be_packed(void **state)
{
	/* clang-format off */
	static const struct { enum method method; struct reply reply; size_t len; } cases[] = {
		{ METHOD_GET,  { .status = 200 }, CODING_LEAST - 1 },
		{ METHOD_HEAD, { .status = 200 }, LONG },
		{ METHOD_GET,  { .status = 204 }, LONG },
		{ METHOD_GET,  { .status = 304 }, LONG },
		{ METHOD_GET,  { .content_type = "image/png" }, LONG },
		{ METHOD_GET,  { .header = { { STR_INIT("content-encoding"), STR_INIT("br") } },
				 .header_count = 1 }, LONG },
		{ METHOD_GET,  { .header_count = REPLY_HEADERS_MAX - 1 }, LONG },
	};
	/* clang-format on */

	(void)state;
	header = (struct header){ STR("Accept-Encoding"), STR("gzip") };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r.method = cases[i].method;
		r.reply = cases[i].reply;
		reply_part(&r, (struct str){ text, cases[i].len });
		coding_pack(&r);
		assert_ptr_equal(r.reply.part[0].ptr, text);
	}
}

static void
leaves_alone_what_would_not_shrink(void **state)
{
	char noise[LONG];
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < LONG; i++) {
		x = x * 1664525 + 1013904223;
		noise[i] = (char)(x >> 24);
	}
	header = (struct header){ STR("Accept-Encoding"), STR("gzip") };
	reply_part(&r, (struct str){ noise, LONG });
	coding_pack(&r);
	assert_ptr_equal(r.reply.part[0].ptr, noise);
	assert_null(reply_of("Content-Encoding"));
}

/* So many bytes as one gzip member. */
static struct str
gzip_of(const char *plain, size_t count)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t room = libdeflate_gzip_compress_bound(c, count);
	char *out = ARENA_NEW(r.arena, char, room);
	size_t n = libdeflate_gzip_compress(c, plain, count, out, room);

	libdeflate_free_compressor(c);
	return (struct str){ out, n };
}

static struct str
zeros(size_t count)
{
	return gzip_of(ARENA_NEW(r.arena, char, count + 1), count);
}

/* It packs to about a fifteenth, as JSON does. */
static struct str
lines(size_t count)
{
	char *plain = ARENA_NEW(r.arena, char, count + 1);
	uint32_t x = 1;

	for (size_t i = 0; i < count; i++) {
		x = x * 1664525 + 1013904223;
		plain[i] = i % 32 == 0 ? (char)(x >> 24) : ' ';
	}
	return gzip_of(plain, count);
}

static struct str
joined(struct str a, struct str b)
{
	struct buf both = buf_in(r.arena);

	buf_add(&both, a);
	buf_add(&both, b);
	return buf_str(&both);
}

static void
unpacks_members_one_behind_the_other(void **state)
{
	(void)state;
	assert_int_equal(unpacked(lines(0)).len, 0);
	assert_int_equal(unpacked(lines(1)).len, 1);
	assert_int_equal(unpacked(joined(lines(300000), lines(5))).len, 300005);
}

static void
unpacks_no_more_than_is_allowed(void **state)
{
	size_t most = (size_t)limits.body_bytes;
	struct str half = lines(most / 2);

	(void)state;
	assert_int_equal(unpacked(lines(most)).len, most);
	assert_int_equal(bodies.held, most);
	r.body = lines(most + 1);
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_TOO_LARGE);
	bodies_release(&bodies, &r);
	assert_int_equal(bodies.held, 0);
	r.body = joined(joined(half, half), lines(1));
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_TOO_LARGE);
}

static void
unpacks_to_a_hundred_times_at_most(void **state)
{
	struct str small = zeros(BODIES_SMALL), large = zeros(BODIES_SMALL + 1);

	(void)state;
	assert_in_range(large.len, 1, BODIES_SMALL / 200);
	assert_int_equal(unpacked(small).len, BODIES_SMALL);
	bodies_release(&bodies, &r);
	r.body = large;
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_TOO_LARGE);
	assert_string_equal(r.error.message,
	    "The request body unpacks to more than 100 times its size.");
	assert_int_equal(bodies.held, BODIES_SMALL);
}

static void
counts_what_it_unpacks(void **state)
{
	(void)state;
	header = (struct header){ STR("Content-Encoding"), STR("gzip") };
	bodies.held = limits.bodies_bytes - 9999;
	r.body = lines(10000);
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_UNAVAILABLE);
	r.method = METHOD_POST;
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_SLOW_DOWN);
}

static void
says_what_it_cannot_unpack(void **state)
{
	struct str good = zeros(1000);
	struct str cut = { good.ptr, good.len - 1 };

	(void)state;
	header = (struct header){ STR("Content-Encoding"), STR("gzip") };
	for (size_t len = 1; len < good.len; len++) {
		r.body = (struct str){ good.ptr, len };
		if (coding_unpack(&r, &limits, &bodies) == OK)
			fail_msg("%zu bytes of %zu are taken", len, good.len);
	}
	r.body = joined(good, cut);
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_BAD_REQUEST);
	header.value = STR("br");
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_MEDIA_TYPE);
	header.value = STR("gzip, gzip");
	assert_int_equal(coding_unpack(&r, &limits, &bodies), ERR_MEDIA_TYPE);
}

static void
leaves_alone_what_is_not_packed(void **state)
{
	(void)state;
	header = (struct header){ STR("Content-Encoding"), STR("identity") };
	r.body = STR("{}");
	assert_int_equal(coding_unpack(&r, &limits, &bodies), OK);
	assert_str(r.body, STR("{}"));
	header.value = STR("gzip");
	r.body = (struct str){ NULL, 0 };
	assert_int_equal(coding_unpack(&r, &limits, &bodies), OK);
	assert_int_equal(r.body.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packs_for_who_takes_it),
		TEST(packs_all_parts_as_one),
		TEST(leaves_alone_what_must_not_be_packed),
		TEST(leaves_alone_what_would_not_shrink),
		TEST(unpacks_members_one_behind_the_other),
		TEST(unpacks_no_more_than_is_allowed),
		TEST(unpacks_to_a_hundred_times_at_most),
		TEST(counts_what_it_unpacks),
		TEST(says_what_it_cannot_unpack),
		TEST(leaves_alone_what_is_not_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
