#include "oidc/subject.h"

#include <stdlib.h>

#include <sodium.h>

#include "base/clock.h"

static int
compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* One text, or a list of them. */
static void
read_roles(struct arena *a, const struct jwt *t, struct subject *io)
{
	yyjson_val *claim = jwt_claim(t, io->provider->roles_claim), *v;
	size_t i, max;

	io->roles = ARENA_NEW(a, struct str, SUBJECT_ROLES_MAX);
	if (yyjson_is_str(claim))
		io->roles[io->role_count++] = json_str(claim);
	yyjson_arr_foreach(claim, i, max, v)
	{
		if (yyjson_is_str(v) && io->role_count < SUBJECT_ROLES_MAX)
			io->roles[io->role_count++] = json_str(v);
	}
	if (io->role_count != 0)
		qsort(io->roles, io->role_count, sizeof(*io->roles), compare);
}

bool
subject_has_role(const struct subject *s, struct str name)
{
	return s->role_count != 0 && bsearch(&name, s->roles, s->role_count,
					 sizeof(name), compare) != NULL;
}

static struct id
id_of(const struct jwt *t)
{
	crypto_generichash_state state;
	struct id id;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(id.b));
	(void)crypto_generichash_update(&state, (const uint8_t *)t->issuer.ptr,
	    (unsigned long long)t->issuer.len);
	(void)crypto_generichash_update(&state, (const uint8_t *)"", 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)t->subject.ptr,
	    (unsigned long long)t->subject.len);
	(void)crypto_generichash_final(&state, id.b, sizeof(id.b));
	id.b[6] = (uint8_t)((id.b[6] & 0x0F) | 0x80); /* RFC 9562, 5.8 */
	id.b[8] = (uint8_t)((id.b[8] & 0x3F) | 0x80);
	return id;
}

/* An address that was not verified may be somebody else's. */
static struct str
username_of(const struct subject *s, const struct jwt *t)
{
	struct str claim = s->provider->username_claim;
	struct str named = json_str(
	    jwt_claim(t, claim.len != 0 ? claim : STR("preferred_username")));

	if (named.len == 0 && claim.len == 0)
		named = s->email;
	return named.len != 0 ? named : t->subject;
}

/* Some providers write the boolean as a text. */
static bool
is_true(yyjson_val *v)
{
	return yyjson_is_true(v) || str_eq(json_str(v), STR("true"));
}

static struct str
email_of(const struct jwt *t)
{
	if (!is_true(json_member(t->claims, STR("email_verified"))))
		return (struct str){ 0 };
	return json_str(json_member(t->claims, STR("email")));
}

enum err
subject_read(struct arena *a, const struct oidc_settings *s,
    const struct jwt *t, struct subject *ret, struct error *e)
{
	struct subject sub = { .provider = s,
		.id = id_of(t),
		.subject = t->subject,
		.email = email_of(t),
		.tenant = s->tenant,
		.issued_us = t->issued_s * CLOCK_SECOND };
	struct str tenant = { 0 };

	sub.username = username_of(&sub, t);
	if (s->tenant_claim.len != 0)
		tenant = json_str(jwt_claim(t, s->tenant_claim));
	if (tenant.len != 0)
		sub.tenant = tenant;
	if (sub.tenant.len == 0)
		return fail(e, ERR_FORBIDDEN,
		    "The provider '" STR_FMT
		    "' does not say in which tenant this user is",
		    STR_ARG(s->name));
	if (s->roles_claim.len != 0)
		read_roles(a, t, &sub);
	for (size_t i = 0; i < s->admin_values.count; i++)
		sub.is_admin = sub.is_admin ||
			       subject_has_role(&sub, s->admin_values.at[i]);
	*ret = sub;
	return OK;
}

bool
subject_email_is_believed(const struct subject *s)
{
	struct str domain = s->email;
	const char *at =
	    s->email.len != 0 ? memrchr(s->email.ptr, '@', s->email.len) : NULL;

	if (at == NULL)
		return false;
	domain = str_skip(domain, (size_t)(at + 1 - domain.ptr));
	for (size_t i = 0; i < s->provider->email_domains.count; i++)
		if (str_eq_nocase(domain, s->provider->email_domains.at[i]))
			return true;
	return false;
}
