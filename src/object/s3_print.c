#include "object/s3_print.h"

#include <ctype.h>
#include <sodium.h>

static void
print_text(crypto_generichash_state *h, struct str text)
{
	uint64_t len = text.len;

	(void)crypto_generichash_update(
	    h, (const unsigned char *)&len, sizeof(len));
	if (len != 0)
		(void)crypto_generichash_update(
		    h, (const unsigned char *)text.ptr, len);
}

static void
print_number(crypto_generichash_state *h, int64_t n)
{
	print_text(h, (struct str){ (const char *)&n, sizeof(n) });
}

static void
print_http(crypto_generichash_state *h, const struct s3_http_settings *s)
{
	print_number(h, s->connections);
	print_text(h, s->ca_file);
	print_number(h, s->any_address);
	for (size_t i = 0; i < s->networks.count; i++) {
		const struct network *n = &s->networks.at[i];

		print_text(h, (struct str){ (const char *)n->address.b,
				  sizeof(n->address.b) });
		print_number(h, n->bits);
	}
}

void
s3_print(const struct s3_warehouse *w, unsigned char ret[S3_PRINT_BYTES])
{
	const struct s3_settings *s = w->settings;
	crypto_generichash_state h;

	(void)crypto_generichash_init(&h, NULL, 0, S3_PRINT_BYTES);
	for (size_t i = 0; i < w->root_count; i++)
		print_text(&h, w->roots[i]);
	if (s == NULL) {
		print_text(&h, str_from(w->why));
	} else {
		print_text(&h, s->endpoint);
		print_text(&h, s->region);
		print_number(&h, s->path_style);
		print_text(&h, s->credentials.access_key);
		print_text(&h, s->credentials.secret_key);
		print_text(&h, s->credentials.session_token);
		print_text(&h, s->encryption);
		print_text(&h, s->encryption_key);
		print_number(&h, s->silence_us);
		print_http(&h, &s->http);
	}
	(void)crypto_generichash_final(&h, ret, S3_PRINT_BYTES);
}

static struct str
in_lower_case(struct arena *a, struct str s)
{
	char *ret = ARENA_NEW(a, char, s.len);

	for (size_t i = 0; i < s.len; i++)
		ret[i] = (char)tolower((unsigned char)s.ptr[i]);
	return (struct str){ ret, s.len };
}

static uint64_t
first_word(crypto_generichash_state *h)
{
	unsigned char bytes[crypto_generichash_BYTES];
	uint64_t ret;

	(void)crypto_generichash_final(h, bytes, sizeof(bytes));
	memcpy(&ret, bytes, sizeof(ret));
	return ret;
}

/* Neither the style of addresses nor the credentials: warehouses of one bucket
 * may differ in them. */
uint64_t
s3_print_bucket(const struct s3_settings *s)
{
	struct arena *a = arena_new();
	struct s3_address at;
	struct error ignored;
	crypto_generichash_state h;
	uint64_t ret = 0;

	if (s3_address_of(a, s, &at, &ignored) == OK) {
		(void)crypto_generichash_init(
		    &h, NULL, 0, crypto_generichash_BYTES);
		print_text(&h, in_lower_case(a, at.host));
		print_text(&h, at.bucket);
		ret = first_word(&h);
	}
	arena_free(a);
	return ret;
}
