#include "api/basic_auth.h"

#include <sodium.h>

static bool
decode(struct arena *a, struct str base64, struct basic_auth *io)
{
	unsigned char *text = arena_alloc(a, 1, base64.len + 1);
	size_t len = 0;

	if (base64.len == 0 ||
	    sodium_base642bin(text, base64.len, base64.ptr, base64.len, NULL,
		&len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	io->secret = (struct str){ (const char *)text, len };
	io->name = str_cut(&io->secret, ':');
	return io->secret.ptr != NULL && str_is_utf8(io->name) &&
	       memchr(text, '\0', len) == NULL;
}

struct basic_auth
basic_auth_read(const struct request *r)
{
	struct str value = request_header(r, STR("Authorization"));
	struct str scheme = str_cut(&value, ' ');
	struct basic_auth ret = { .there =
				      str_eq_nocase(scheme, STR("Basic")) };

	if (ret.there)
		ret.is_valid = decode(r->arena, str_trim(value), &ret);
	return ret;
}

void
basic_auth_wipe(struct basic_auth *b)
{
	if (b->is_valid)
		sodium_memzero((char *)b->secret.ptr, b->secret.len);
	b->secret = (struct str){ 0 };
}
