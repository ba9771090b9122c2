#include "catalog/storage_config.h"

#include <stddef.h>

#include "base/did_you_mean.h"

#define FIELD "storage_config/"
#define DIALECT STR("dialect")
#define PLAIN STR("plain")
#define S3_PREFIX STR("s3.")

/* The fields of S3 warehouses: their name in rows, that without dots, and one
 * more that is read. */
static const struct s3_field {
	const char *name, *plain, *other;
	size_t offset;
} s3_fields[] = {
#define AT(member) offsetof(struct storage_config, member)
	{ "s3.bucket", "bucket", NULL, AT(bucket) },
	{ "s3.prefix", "prefix", NULL, AT(prefix) },
	{ "s3.endpoint", "endpoint", NULL, AT(endpoint) },
	{ "s3.region", "region", "client.region", AT(region) },
	{ "s3.path-style-access", "path_style_access", "path_style",
	    AT(path_style) },
	{ "s3.access-key-id", "access_key_id", NULL, AT(access_key) },
	{ "s3.secret-access-key", "secret_access_key", NULL, AT(secret_key) },
	{ "s3.session-token", "session_token", NULL, AT(session_token) },
	{ "s3.role-arn", "role_arn", NULL, AT(role) },
	{ "s3.external-id", "external_id", NULL, AT(external_id) },
	{ "s3.sts-endpoint", "sts_endpoint", NULL, AT(sts_endpoint) },
	{ "s3.sse.type", "sse_type", NULL, AT(encryption) },
	{ "s3.sse.key", "sse_key", "kms_key_id", AT(encryption_key) },
	{ STORAGE_ENGINE_GC, "engine_gc", NULL, AT(engine_gc) },
	{ STORAGE_BY_DEFAULT, "credentials_by_default", NULL, AT(by_default) },
#undef AT
};
#define S3_FIELDS (sizeof(s3_fields) / sizeof(s3_fields[0]))

static const char *const place_names[] = { "root", "location", "path" };

static const struct s3_field *
field_of(struct str name)
{
	for (size_t i = 0; i < S3_FIELDS; i++) {
		const struct s3_field *f = &s3_fields[i];

		if (str_eq(name, str_from(f->name)) ||
		    str_eq(name, str_from(f->plain)) ||
		    (f->other != NULL && str_eq(name, str_from(f->other))))
			return f;
	}
	return NULL;
}

/* ---- which kind of warehouse it is */
static struct str
place_of(struct pairs config)
{
	struct str place = { 0 };

	for (size_t i = 0; place.ptr == NULL && i < 3; i++)
		place = pairs_find(config, str_from(place_names[i]));
	return place;
}

static bool
is_s3_place(struct str place)
{
	return str_starts_with(place, STR("s3:")) ||
	       str_starts_with(place, STR("s3a:")) ||
	       str_starts_with(place, STR("s3n:"));
}

static enum err
other_cloud(struct str name, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    FIELD STR_FMT
	    ": this release has warehouses in file: and s3: places only",
	    STR_ARG(name));
}

/* The names that only warehouses of Azure and Google have. */
static enum err
refuse_other_clouds(struct pairs config, struct error *e)
{
	static const struct str others[] = { STR_INIT("adls."),
		STR_INIT("azure."), STR_INIT("gcs."), STR_INIT("gcp.") };

	for (size_t i = 0; i < config.count; i++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			if (str_starts_with(config.at[i].name, others[k]))
				return other_cloud(config.at[i].name, e);
	return OK;
}

static enum err
scheme_of(struct pairs config, enum storage_scheme *ret, struct error *e)
{
	struct str type = pairs_find(config, STR("type"));
	struct str place = place_of(config);
	bool is_s3 = str_eq_nocase(type, STR("s3"));

	*ret = STORAGE_FILE;
	if (type.len != 0 && !is_s3 && !str_eq_nocase(type, STR("file")) &&
	    !str_eq_nocase(type, STR("local")))
		return other_cloud(STR("type"), e);
	if (is_s3 && place.ptr != NULL && !is_s3_place(place))
		return fail(
		    e, ERR_BAD_REQUEST, FIELD "type: the place is none of S3");
	if (type.len != 0 && !is_s3 && is_s3_place(place))
		return fail(
		    e, ERR_BAD_REQUEST, FIELD "type: the place is one of S3");
	if (place.ptr == NULL && !is_s3)
		TRY(refuse_other_clouds(config, e));
	if (is_s3 || is_s3_place(place) ||
	    (place.ptr == NULL && type.len == 0 &&
		(pairs_find(config, STR("s3.bucket")).ptr != NULL ||
		    pairs_find(config, STR("bucket")).ptr != NULL)))
		*ret = STORAGE_S3;
	return OK;
}

/* ---- to rows and back */
static enum err
unknown_field(struct str name, struct error *e)
{
	struct did_you_mean guess = did_you_mean(name);

	for (size_t i = 0; i < S3_FIELDS; i++)
		did_you_mean_offer(&guess, s3_fields[i].name);
	if (guess.best == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    FIELD STR_FMT ": there is no such field", STR_ARG(name));
	return fail(e, ERR_BAD_REQUEST,
	    FIELD STR_FMT ": there is no such field; did you mean %s?",
	    STR_ARG(name), guess.best);
}

static enum err
add_field(struct pairs *to, struct pair given, bool *io_dotted, struct error *e)
{
	const struct s3_field *f = field_of(given.name);

	if (f == NULL) {
		if (str_starts_with(given.name, S3_PREFIX))
			return unknown_field(given.name, e);
		if (str_eq(given.name, DIALECT))
			return fail(e, ERR_BAD_REQUEST,
			    FIELD "dialect: the server alone writes it");
		to->at[to->count++] = given;
		return OK;
	}
	if (pairs_find(*to, str_from(f->name)).ptr != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    FIELD STR_FMT ": %s is given twice", STR_ARG(given.name),
		    f->name);
	*io_dotted |= memchr(given.name.ptr, '.', given.name.len) != NULL;
	to->at[to->count++] = (struct pair){ str_from(f->name), given.value };
	return OK;
}

enum err
storage_config_to_row(
    struct arena *a, struct pairs given, struct pairs *ret, struct error *e)
{
	struct pairs row = { ARENA_NEW(a, struct pair, given.count + 1), 0 };
	enum storage_scheme scheme;
	bool dotted = false;

	TRY(scheme_of(given, &scheme, e));
	if (scheme == STORAGE_FILE) {
		*ret = given;
		return OK;
	}
	for (size_t i = 0; i < given.count; i++)
		TRY(add_field(&row, given.at[i], &dotted, e));
	if (!dotted) /* the array has room for one more */
		row.at[row.count++] = (struct pair){ DIALECT, PLAIN };
	*ret = row;
	return OK;
}

static bool
is_plain(struct pairs row)
{
	return str_eq(pairs_find(row, DIALECT), PLAIN);
}

static struct str
plain_name(struct str name)
{
	const struct s3_field *f = field_of(name);

	return f != NULL ? str_from(f->plain) : name;
}

struct str
storage_config_name(struct pairs row, struct str name)
{
	return is_plain(row) ? plain_name(name) : name;
}

struct pairs
storage_config_of_row(struct arena *a, struct pairs row)
{
	struct pairs shown = { ARENA_NEW(a, struct pair, row.count), 0 };
	bool plain = is_plain(row);

	for (size_t i = 0; i < row.count; i++) {
		struct pair p = row.at[i];

		if (plain && str_eq(p.name, DIALECT))
			continue;
		if (plain)
			p.name = plain_name(p.name);
		shown.at[shown.count++] = p;
	}
	return shown;
}

/* ---- reading */
static enum err
wrong(struct pairs row, const char *name, const char *why, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST, FIELD STR_FMT ": %s",
	    STR_ARG(storage_config_name(row, str_from(name))), why);
}

/* "s3://bucket/a/b/" names a bucket and a prefix, too. */
static enum err
read_place(struct pairs row, struct storage_config *io, struct error *e)
{
	struct str rest = io->place, bucket;

	if (io->place.ptr == NULL)
		return OK;
	(void)str_cut(&rest, ':');
	if (!str_starts_with(rest, STR("//")))
		return fail(e, ERR_BAD_REQUEST,
		    FIELD "location: name the place as \"s3://bucket/prefix\"");
	rest = str_skip(rest, 2);
	bucket = str_cut(&rest, '/');
	if (io->bucket.ptr != NULL && !str_eq(io->bucket, bucket))
		return wrong(
		    row, "s3.bucket", "it is not that of the place", e);
	if (io->prefix.ptr != NULL)
		return wrong(row, "s3.prefix", "the place has one", e);
	io->bucket = bucket;
	io->prefix = rest;
	return OK;
}

static enum err
check_prefix(struct pairs row, struct storage_config *io, struct error *e)
{
	while (str_starts_with(io->prefix, STR("/")))
		io->prefix = str_skip(io->prefix, 1);
	while (str_ends_with(io->prefix, STR("/")))
		io->prefix.len--;

	struct str rest = io->prefix;

	while (rest.len != 0) {
		struct str part = str_cut(&rest, '/');

		if (part.len == 0 || str_eq(part, STR(".")) ||
		    str_eq(part, STR("..")))
			return wrong(row, "s3.prefix",
			    "a part is empty, \".\" or \"..\"", e);
	}
	for (size_t i = 0; i < io->prefix.len; i++)
		if (io->prefix.ptr[i] < ' ' || io->prefix.ptr[i] > '~' ||
		    strchr("?#\\%", io->prefix.ptr[i]) != NULL)
			return wrong(row, "s3.prefix",
			    "letters, digits and signs but ?#\\% are expected",
			    e);
	return OK;
}

static enum err
check_needed(struct pairs row, const struct storage_config *c, struct error *e)
{
	if (c->bucket.len == 0)
		return wrong(row, "s3.bucket", "name the bucket", e);
	if (c->access_key.len == 0)
		return wrong(row, "s3.access-key-id",
		    "an S3 warehouse needs the key that the server uses", e);
	if (c->secret_key.len == 0)
		return wrong(row, "s3.secret-access-key",
		    "an S3 warehouse needs the key that the server uses", e);
	return OK;
}

static enum err
check_flag(
    struct pairs row, const char *name, struct str value, struct error *e)
{
	if (value.ptr == NULL || str_eq_nocase(value, STR("true")) ||
	    str_eq_nocase(value, STR("false")))
		return OK;
	return wrong(row, name, "\"true\" or \"false\" is expected", e);
}

static enum err
check_choices(struct pairs row, const struct storage_config *c, struct error *e)
{
	bool is_kms = str_eq(c->encryption, STR("kms"));

	TRY(check_flag(row, "s3.path-style-access", c->path_style, e));
	TRY(check_flag(row, STORAGE_ENGINE_GC, c->engine_gc, e));
	TRY(check_flag(row, STORAGE_BY_DEFAULT, c->by_default, e));
	if (c->encryption.ptr != NULL && !is_kms &&
	    !str_eq(c->encryption, STR("s3")) &&
	    !str_eq(c->encryption, STR("none")))
		return wrong(row, "s3.sse.type",
		    "\"none\", \"s3\" or \"kms\" is expected", e);
	if (c->encryption_key.ptr != NULL && !is_kms)
		return wrong(row, "s3.sse.key",
		    "a key goes with encryption of the type \"kms\" only", e);
	return OK;
}

/* A text without a letter is what a form that was left empty sends. */
static void
set_field(struct storage_config *c, const struct s3_field *f, struct pairs row)
{
	struct str value = pairs_find(row, str_from(f->name));

	if (value.len != 0)
		*(struct str *)(void *)((char *)c + f->offset) = value;
}

enum err
storage_config_read(
    struct pairs row, struct storage_config *ret, struct error *e)
{
	struct storage_config c = { .place = place_of(row) };

	TRY(scheme_of(row, &c.scheme, e));
	*ret = c;
	if (c.scheme == STORAGE_FILE)
		return OK;
	for (size_t i = 0; i < S3_FIELDS; i++)
		set_field(&c, &s3_fields[i], row);
	TRY(read_place(row, &c, e));
	TRY(check_prefix(row, &c, e));
	TRY(check_needed(row, &c, e));
	TRY(check_choices(row, &c, e));
	*ret = c;
	return OK;
}

struct str
storage_config_root(struct arena *a, const struct storage_config *c)
{
	if (c->prefix.len == 0)
		return arena_printf(a, "s3://" STR_FMT, STR_ARG(c->bucket));
	return arena_printf(a, "s3://" STR_FMT "/" STR_FMT, STR_ARG(c->bucket),
	    STR_ARG(c->prefix));
}
