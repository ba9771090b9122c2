#include "config/oidc_settings.h"

#include <ctype.h>

#include "base/did_you_mean.h"
#include "config/public_url.h"

#define ALGORITHMS "RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA"

#define FIELD(type, name)                                                      \
	_Generic(((struct oidc_settings *)NULL)->name, type                    \
		 : offsetof(struct oidc_settings, name))
#define STRING(name) SETTING_STRING, 0, FIELD(struct str, name)
#define SECRET(name) SETTING_STRING, SETTING_SECRET, FIELD(struct str, name)
#define PATH(name) SETTING_PATH, 0, FIELD(struct str, name)
#define LIST(name) SETTING_LIST, 0, FIELD(struct str_list, name)
#define BOOL(name) SETTING_BOOL, 0, FIELD(bool, name)

/* clang-format off */
const struct setting oidc_table[] = {
{ "oidc.NAME.issuer", NULL, STRING(issuer), "", 8, 1024, NULL,
  "URL of the provider, as in the claim iss of its tokens, to the byte; below "
  "it is /.well-known/openid-configuration." },
{ "oidc.NAME.client_id", NULL, STRING(client_id), "", 1, 255, NULL,
  "Name by which the provider knows this server; empty: nobody signs in with a "
  "browser there." },
{ "oidc.NAME.client_secret", NULL, SECRET(client_secret), "", 1, 1024, NULL,
  "Secret of that client; empty: a public client, which has none." },
{ "oidc.NAME.redirect_uri", NULL, STRING(redirect_uri), "", 8, 1024, NULL,
  "Address that the provider sends browsers back to, which ends with "
  "/oauth/callback/NAME; empty: that path below public_url." },
{ "oidc.NAME.scopes", NULL, LIST(scopes), "openid,profile,email", 0, 32, NULL,
  "Scopes that a sign-in with a browser asks for." },
{ "oidc.NAME.audiences", NULL, LIST(audiences), "", 0, 32, NULL,
  "Values of the claim aud with which tokens of the provider are taken as "
  "Authorization: Bearer; empty: none are." },
{ "oidc.NAME.algorithms", NULL, LIST(algorithms), ALGORITHMS, 0, 16, NULL,
  "Signatures that are taken, by their names in RFC 7518 and RFC 8037." },
{ "oidc.NAME.tenant", NULL, STRING(tenant), "", 1, 255, NULL,
  "Name or id of the tenant that its users are made in; where tenant_claim is "
  "given, for those without it." },
{ "oidc.NAME.tenant_claim", NULL, STRING(tenant_claim), "", 1, 255, NULL,
  "Claim with the name or id of the user's tenant." },
{ "oidc.NAME.username_claim", NULL, STRING(username_claim), "", 1, 255, NULL,
  "Claim that new users are named by; empty: preferred_username, email or "
  "sub." },
{ "oidc.NAME.roles_claim", NULL, STRING(roles_claim), "", 1, 255, NULL,
  "Claim, such as groups or realm_access.roles, whose values name the roles "
  "that its user has; empty: admins give them." },
{ "oidc.NAME.admin_values", NULL, LIST(admin_values), "", 0, 32, NULL,
  "Values of that claim whose users administer their tenant." },
{ "oidc.NAME.allow_public_signup", NULL, BOOL(allow_public_signup), "false",
  0, 0, NULL,
  "Whether whoever signs in with the provider, and is not known yet, becomes a "
  "user." },
{ "oidc.NAME.email_domains", NULL, LIST(email_domains), "", 0, 64, NULL,
  "Domains for whose verified addresses the provider is believed: who has "
  "such a one signs in as the user that an admin has made with it." },
{ "oidc.NAME.ca_file", NULL, PATH(ca_file), "", 0, 4096, NULL,
  "PEM file with the authorities for the provider's certificate; empty: those "
  "of the machine." },
{ .key = NULL },
};
/* clang-format on */

/* ---- finding */

static const struct setting *
row_of(struct str key)
{
	for (const struct setting *row = oidc_table; row->key; row++)
		if (str_eq(str_from(setting_name(row)), key))
			return row;
	return NULL;
}

static bool
name_is_valid(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!islower((unsigned char)name.ptr[i]) &&
		    !isdigit((unsigned char)name.ptr[i]) && name.ptr[i] != '-')
			return false;
	return name.len != 0 && name.len <= OIDC_NAME_MAX;
}

/* The provider of that name, with defaults if it is new. */
static enum err
provider_of(struct load *l, struct str name, struct str where,
    struct oidc_settings **ret)
{
	struct settings *s = l->settings;
	struct load into = *l;

	for (size_t i = 0; i < s->oidc_count; i++)
		if (str_eq(s->oidc[i].name, name)) {
			*ret = &s->oidc[i];
			return OK;
		}
	if (!name_is_valid(name))
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": [oidc.NAME]: a name has at most %d lower-case "
			    "letters, digits and hyphens",
		    STR_ARG(where), OIDC_NAME_MAX);
	if (s->oidc_count == OIDC_PROVIDERS_MAX)
		return fail(l->error, ERR_VALIDATION,
		    STR_FMT ": [oidc.NAME]: at most %d providers",
		    STR_ARG(where), OIDC_PROVIDERS_MAX);
	if (s->oidc == NULL)
		s->oidc = ARENA_NEW(
		    l->arena, struct oidc_settings, OIDC_PROVIDERS_MAX);
	into.into = *ret = &s->oidc[s->oidc_count++];
	(*ret)->name = arena_copy(l->arena, name);
	for (const struct setting *row = oidc_table; row->key; row++)
		TRY(settings_give_text(
		    &into, row, str_from(row->fallback), STR("default")));
	return OK;
}

static enum err
refuse_unknown(
    struct load *l, struct str name, struct str key, struct str where)
{
	struct did_you_mean guess = did_you_mean(key);

	for (const struct setting *row = oidc_table; row->key; row++)
		did_you_mean_offer(&guess, setting_name(row));
	return fail(l->error, ERR_VALIDATION,
	    STR_FMT ": unknown key \"oidc." STR_FMT "." STR_FMT "\"%s%s%s",
	    STR_ARG(where), STR_ARG(name), STR_ARG(key),
	    guess.best != NULL ? "; did you mean " : "",
	    guess.best != NULL ? guess.best : "",
	    guess.best != NULL ? "?" : "");
}

/* ---- the file */

static enum err
give_node(struct load *l, struct oidc_settings *to, struct given g)
{
	struct str key = g.node->key, bare = key;
	const struct setting *row = row_of(key);
	struct load into = *l;

	into.into = to;
	if (row != NULL)
		return setting_assign(l->arena, row, g, to, l->error);
	if (str_ends_with(bare, STR("_file")))
		bare.len -= STR("_file").len;
	row = row_of(bare);
	if (row == NULL || (row->flags & SETTING_SECRET) == 0)
		return refuse_unknown(l, to->name, key, g.where);
	return settings_give_secret(&into, row, g);
}

static struct str
place_text(struct load *l, struct str file, struct toml_place at)
{
	return arena_printf(
	    l->arena, STR_FMT ":%u:%u", STR_ARG(file), at.line, at.column);
}

enum err
oidc_give_table(struct load *l, const struct toml_node *table, struct str file)
{
	for (const struct toml_node *p = table->first; p; p = p->next) {
		struct str where = place_text(l, file, p->at);
		struct oidc_settings *to;

		if (p->kind != TOML_TABLE)
			return fail(l->error, ERR_VALIDATION,
			    STR_FMT ": oidc." STR_FMT
				    " must be a table, [oidc.NAME], not %s",
			    STR_ARG(where), STR_ARG(p->key),
			    toml_kind_name(p->kind));
		TRY(provider_of(l, p->key, where, &to));
		if (toml_find(p, STR("client_secret")) != NULL)
			settings_note_secret_file(l, file);
		for (const struct toml_node *n = p->first; n; n = n->next)
			TRY(give_node(l, to,
			    (struct given){ n, place_text(l, file, n->at) }));
	}
	return OK;
}

/* ---- text */

static enum err
give_text(struct load *l, struct str name, struct str key, struct str text,
    struct str where)
{
	struct oidc_settings *to;
	const struct setting *row = row_of(key);
	struct toml_node *node = ARENA_NEW(l->arena, struct toml_node, 1);

	TRY(provider_of(l, name, where, &to));
	*node = row != NULL
		    ? *setting_node(l->arena, row, text)
		    : (struct toml_node){ .kind = TOML_STRING, .text = text };
	node->key = key;
	return give_node(l, to, (struct given){ node, where });
}

enum err
oidc_give_text(
    struct load *l, struct str key, struct str text, struct str where)
{
	struct str rest = key;
	struct str name = str_cut(&rest, '.');

	return give_text(l, name, rest, text, where);
}

/* "CORP_SSO" is the provider "corp-sso". */
static struct str
name_of_variable(struct load *l, struct str part)
{
	char *name = ARENA_NEW(l->arena, char, part.len);

	for (size_t i = 0; i < part.len; i++)
		name[i] = part.ptr[i] == '_'
			      ? '-'
			      : (char)tolower((unsigned char)part.ptr[i]);
	return (struct str){ name, part.len };
}

/* Whether `name` is PREFIX, the name of a provider, and then this key. */
static bool
is_variable(struct load *l, struct str name, struct str key, struct str *ret)
{
	struct str rest = str_skip(name, STR("PANGOLIN_OIDC_").len);
	struct str tail;
	char *upper = ARENA_NEW(l->arena, char, key.len + 1);

	upper[0] = '_';
	for (size_t i = 0; i < key.len; i++)
		upper[i + 1] = (char)toupper((unsigned char)key.ptr[i]);
	tail = (struct str){ upper, key.len + 1 };
	if (!str_ends_with(rest, tail) || rest.len == tail.len)
		return false;
	rest.len -= tail.len;
	*ret = name_of_variable(l, rest);
	return true;
}

/* "client_secret_file" before "ca_file", "tenant_claim" before "tenant": no
 * key of the table ends with '_' and another. */
enum err
oidc_give_variable(
    struct load *l, struct str name, struct str text, bool *ret_known)
{
	*ret_known = false;
	if (!str_starts_with(name, STR("PANGOLIN_OIDC_")))
		return OK;
	for (const struct setting *row = oidc_table; row->key; row++) {
		struct str key = str_from(setting_name(row)), provider;
		struct str file =
		    arena_printf(l->arena, STR_FMT "_file", STR_ARG(key));

		*ret_known = true;
		if (is_variable(l, name, key, &provider))
			return text.len == 0
				   ? OK
				   : give_text(l, provider, key, text, name);
		if ((row->flags & SETTING_SECRET) != 0 &&
		    is_variable(l, name, file, &provider))
			return text.len == 0
				   ? OK
				   : give_text(l, provider, file, text, name);
	}
	*ret_known = false;
	return OK;
}

/* ---- rules */

static bool
is_listed(struct str names, struct str name)
{
	while (names.len != 0)
		if (str_eq(str_cut(&names, ','), name))
			return true;
	return false;
}

/* A token, a code or a key in the clear is for this machine alone. */
static bool
may_be_issuer(struct str url)
{
	struct str host = url;

	if (!public_url_is_valid(str_ends_with(url, STR("/"))
				     ? (struct str){ url.ptr, url.len - 1 }
				     : url))
		return false;
	if (str_starts_with(url, STR("https://")))
		return true;
	host = str_skip(url, STR("http://").len);
	return str_starts_with(host, STR("127.0.0.1")) ||
	       str_starts_with(host, STR("localhost")) ||
	       str_starts_with(host, STR("[::1]"));
}

static enum err
refuse(const struct oidc_settings *p, const char *why, struct error *e)
{
	return fail(
	    e, ERR_VALIDATION, "oidc." STR_FMT ".%s", STR_ARG(p->name), why);
}

static bool
is_callback(const struct oidc_settings *p)
{
	struct str rest = p->redirect_uri;

	if (!public_url_is_valid(rest) || !str_ends_with(rest, p->name))
		return false;
	rest.len -= p->name.len;
	return str_ends_with(rest, STR("/oauth/callback/"));
}

static enum err
check_provider(
    const struct settings *s, const struct oidc_settings *p, struct error *e)
{
	if (!may_be_issuer(p->issuer))
		return refuse(p,
		    "issuer must be an https URL (http: of 127.0.0.1, [::1] or "
		    "localhost only)",
		    e);
	if (p->client_id.len == 0 && p->audiences.count == 0)
		return refuse(p,
		    "client_id is needed for people to sign in, or audiences "
		    "for programs",
		    e);
	if (p->client_id.len != 0 && p->redirect_uri.len == 0 &&
	    s->public_url.len == 0 && s->trusted_proxies.count == 0)
		return refuse(p,
		    "client_id needs public_url, where browsers come back to, "
		    "or trusted_proxies or redirect_uri",
		    e);
	if (p->redirect_uri.len != 0 && !is_callback(p))
		return refuse(p,
		    "redirect_uri must be an http or https URL that ends with "
		    "/oauth/callback/ and the provider's name",
		    e);
	if (p->tenant.len == 0 && p->tenant_claim.len == 0)
		return refuse(p,
		    "tenant or tenant_claim must say whose users they are", e);
	if (p->admin_values.count != 0 && p->roles_claim.len == 0)
		return refuse(p, "admin_values need roles_claim", e);
	if (p->algorithms.count == 0)
		return refuse(p, "algorithms: name at least one", e);
	for (size_t i = 0; i < p->algorithms.count; i++)
		if (!is_listed(STR(ALGORITHMS), p->algorithms.at[i]))
			return refuse(
			    p, "algorithms must be some of " ALGORITHMS, e);
	return OK;
}

enum err
oidc_check(const struct settings *s, struct error *e)
{
	for (size_t i = 0; i < s->oidc_count; i++) {
		TRY(check_provider(s, &s->oidc[i], e));
		for (size_t k = 0; k < i; k++)
			if (str_eq(s->oidc[k].issuer, s->oidc[i].issuer) &&
			    s->oidc[k].audiences.count != 0 &&
			    s->oidc[i].audiences.count != 0)
				return refuse(&s->oidc[i],
				    "issuer is that of another provider that "
				    "has audiences",
				    e);
	}
	return OK;
}
