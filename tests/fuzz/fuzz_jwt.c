/*
 * fuzz_jwt.c - tokens and key sets of anybody, under libFuzzer.
 *
 * Any bytes are refused or read, and what was read of a token is checked
 * without a signature.
 */
#include <stdlib.h>

#include "oidc/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str groups[] = { { "a", 1 } };

static void
read_token(struct arena *a, struct str token)
{
	const struct oidc_settings settings = { .name = STR("p"),
		.tenant_claim = STR("team.name"),
		.roles_claim = STR("groups"),
		.admin_values = { groups, 1, 1 },
		.email_domains = { groups, 1, 1 } };
	struct error error;
	struct subject subject;
	struct jwt t;

	if (jwt_read(a, token, &t, &error) != OK)
		return;
	if (jwt_check_times(&t, 1, &error) != OK && error.code == OK)
		abort();
	(void)jwt_is_for(&t, groups, 1);
	if (subject_read(a, &settings, &t, &subject, &error) != OK)
		return;
	if (subject_has_role(&subject, STR("a")) != subject.is_admin)
		abort();
	(void)subject_email_is_believed(&subject);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)data, size };
	struct jwk_set *keys;
	struct error error;

	if (jwk_set_read(a, text, &keys, &error) == OK)
		jwk_set_free(keys);
	read_token(a, text);
	arena_free(a);
	return 0;
}
