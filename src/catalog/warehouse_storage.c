#include "catalog/warehouse_storage.h"

#include "base/clock.h"
#include "cache/record_cache.h"
#include "catalog/config_mask.h"
#include "catalog/property_limits.h"
#include "record/control.h"
#include "record/pairs.h"

#define CONFIG "storage_config"
#define VENDING "vending_strategy"
#define S3_CONNECTIONS 16
#define S3_SILENCE_US (20 * CLOCK_SECOND)
#define S3_REGION STR("us-east-1") /* what servers that have none take */

static const struct endpoint_rules no_rules;
static const struct endpoint_rules *rules = &no_rules;

void
warehouse_storage_allow(const struct endpoint_rules *allowed)
{
	rules = allowed;
}

static struct config_of
config_of(struct call *c, struct id warehouse, const char *what)
{
	return (struct config_of){ c->arena, c->error, warehouse, what };
}

bool
warehouse_lets(const struct warehouse *w, const char *what)
{
	return str_eq_nocase(
	    pairs_find(w->row_config, str_from(what)), STR("true"));
}

/* Most rows do not name the setting, and parsing one costs a hot load a tenth
 * of its time. */
static bool
names_default(struct str storage)
{
	return storage.ptr != NULL &&
	       memmem(storage.ptr, storage.len, STORAGE_BY_DEFAULT,
		   strlen(STORAGE_BY_DEFAULT)) != NULL;
}

enum err
warehouse_vends_by_default(
    struct call *c, struct id tenant, struct str name, bool *ret)
{
	const struct control_ref ref = {
		.kind = CONTROL_WAREHOUSE, .tenant = tenant, .name = name
	};
	struct warehouse w = { 0 };
	const struct value *row;

	*ret = false;
	TRY(record_cache_find(c, &ref, &row));
	if (row == NULL ||
	    !names_default(value_str_or_absent(row[WAREHOUSE_STORAGE])))
		return OK;
	TRY(pairs_parse(
	    c, value_str_or_absent(row[WAREHOUSE_STORAGE]), &w.row_config));
	*ret = warehouse_lets(&w, STORAGE_BY_DEFAULT);
	return OK;
}

/* ---- settings of a client */
static bool
has_path_style(const struct storage_config *s)
{
	if (s->path_style.ptr == NULL)
		return s->endpoint.ptr != NULL;
	return str_eq_nocase(s->path_style, STR("true"));
}

/* As the header of a put has it. */
static struct str
encryption_of(const struct storage_config *s)
{
	if (str_eq(s->encryption, STR("s3")))
		return STR("AES256");
	if (str_eq(s->encryption, STR("kms")))
		return STR("aws:kms");
	return (struct str){ 0 };
}

static struct s3_settings
settings_of(const struct storage_config *s)
{
	return (struct s3_settings){
		.endpoint = s->endpoint,
		.region = s->region.ptr != NULL ? s->region : S3_REGION,
		.bucket = s->bucket,
		.path_style = has_path_style(s),
		.credentials = { s->access_key, s->secret_key,
		    s->session_token },
		.encryption = encryption_of(s),
		.encryption_key = s->encryption_key,
		.http = { .connections = S3_CONNECTIONS,
		    .any_address = endpoint_host_is_allowed(rules, s->endpoint),
		    .networks = rules->networks },
		.silence_us = S3_SILENCE_US,
	};
}

struct s3_settings
storage_draft_s3(const struct storage_draft *d)
{
	return settings_of(&d->storage);
}

static enum err
check_sts(const struct storage_config *s, struct pairs row, struct error *e)
{
	const struct s3_settings as = { .endpoint = s->sts_endpoint };
	struct s3_address unused;
	struct error why;

	if (as.endpoint.ptr == NULL ||
	    s3_address_of(NULL, &as, &unused, &why) == OK)
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    CONFIG "/" STR_FMT ": scheme, host and port are expected, such as"
		   " \"https://sts:9000\"",
	    STR_ARG(storage_config_name(row, STR("s3.sts-endpoint"))));
}

/* Servers that are not AWS have it at the endpoint of S3. */
static struct str
sts_of(struct arena *a, const struct storage_config *s, struct str region)
{
	if (s->sts_endpoint.ptr != NULL)
		return s->sts_endpoint;
	if (s->endpoint.ptr != NULL)
		return s->endpoint;
	return arena_printf(a,
	    "https://"
	    "sts." STR_FMT ".amazonaws.com",
	    STR_ARG(region));
}

enum err
warehouse_storage_access(
    struct call *c, const struct warehouse *w, struct storage_access *ret)
{
	struct config_of of = config_of(c, w->id, CONFIG);
	struct storage_access access;
	struct pairs config;

	TRY(config_open(&of, w->row_config, &config));
	TRY(storage_config_read(config, &access.config, c->error));
	TRY(check_sts(&access.config, config, c->error));
	of.what = VENDING;
	TRY(vending_strategy_read(
	    c->arena, w->row_vending, &access.vending, c->error));
	TRY(config_open(&of, access.vending.fields, &access.vending.fields));
	access.s3 = settings_of(&access.config);
	access.sts = sts_of(c->arena, &access.config, access.s3.region);
	access.sts_any_address = endpoint_host_is_allowed(rules, access.sts);
	*ret = access;
	return OK;
}

enum err
warehouse_s3_settings(
    struct call *c, const struct warehouse *w, struct s3_settings *ret)
{
	const struct config_of of = config_of(c, w->id, CONFIG);
	struct storage_config s;
	struct pairs config;

	TRY(config_open(&of, w->row_config, &config));
	TRY(storage_config_read(config, &s, c->error));
	if (s.scheme != STORAGE_S3)
		return fail(c->error, ERR_BAD_REQUEST,
		    "Warehouse '" STR_FMT "' is not in S3", STR_ARG(w->name));
	*ret = settings_of(&s);
	return OK;
}

/* ---- drafts */
/* Whether requests go to another server than those of the row. */
static bool
is_moved(const struct warehouse *from, struct pairs config)
{
	static const char *const names[] = { "s3.endpoint", "s3.sts-endpoint" };

	for (size_t i = 0; i < 2; i++)
		if (!str_eq(pairs_find(from->row_config, str_from(names[i])),
			pairs_find(config, str_from(names[i]))))
			return true;
	return false;
}

/* Requests carry session tokens and external ids themselves, and not only
 * signatures by them: a server that somebody else has chosen gets none that is
 * stored. */
static enum err
check_kept(const struct config_of *of, const char *shown, struct pairs row,
    struct pairs given, const char *name)
{
	struct str kept = pairs_find(row, str_from(name));

	if (kept.len == 0 ||
	    !str_eq(pairs_find(given, str_from(name)), STR(CONFIG_MASK)))
		return OK;
	return fail(of->error, ERR_BAD_REQUEST,
	    "%s/%s: give it anew: it would be sent to another server", of->what,
	    shown);
}

static enum err
check_kept_config(
    const struct config_of *of, const struct warehouse *from, struct pairs row)
{
	static const char *const names[] = { "s3.session-token",
		"s3.external-id" };

	for (size_t i = 0; i < 2 && is_moved(from, row); i++) {
		struct str shown = storage_config_name(row, str_from(names[i]));

		TRY(check_kept(of, arena_cstr(of->arena, shown),
		    from->row_config, row, names[i]));
	}
	return OK;
}

static enum err
draft_config(struct call *c, const struct warehouse *from, struct pairs given,
    struct storage_draft *io)
{
	const struct config_of of = config_of(c, from->id, CONFIG);
	struct pairs row;

	if (given.at == NULL)
		return config_open(&of, from->row_config, &io->config);
	TRY(properties_fit(given, CONFIG, c->error));
	TRY(storage_config_to_row(c->arena, given, &row, c->error));
	TRY(check_kept_config(&of, from, row));
	TRY(config_unmask(&of, row, from->row_config, &io->config));
	return properties_fit(io->config, CONFIG, c->error);
}

static enum err
draft_vending(struct call *c, const struct warehouse *from, struct str given,
    struct storage_draft *io)
{
	const struct config_of of = config_of(c, from->id, VENDING);
	const char *const id = "external_id";
	bool moved = is_moved(from, io->config);
	struct vending_strategy row;

	io->none = given.ptr != NULL ? given : from->row_vending;
	TRY(vending_strategy_read(c->arena, from->row_vending, &row, c->error));
	if (given.ptr == NULL) {
		struct pair kept = { str_from(id), STR(CONFIG_MASK) };
		const struct pairs same = { &kept, 1 };

		io->vending.how = row.how;
		if (moved)
			TRY(check_kept(&of, id, row.fields, same, id));
		return config_open(&of, row.fields, &io->vending.fields);
	}
	TRY(vending_strategy_read(c->arena, given, &io->vending, c->error));
	if (moved)
		TRY(check_kept(&of, id, row.fields, io->vending.fields, id));
	return config_unmask(
	    &of, io->vending.fields, row.fields, &io->vending.fields);
}

static enum err
draft_root(struct call *c, struct storage_draft *io)
{
	if (io->storage.scheme == STORAGE_S3) {
		io->root = storage_config_root(c->arena, &io->storage);
		return OK;
	}
	if (io->storage.place.ptr == NULL)
		return fail(c->error, ERR_BAD_REQUEST,
		    CONFIG "/root: name the place, such as "
			   "\"file:///srv/warehouse\", or the bucket of S3 in "
			   "s3.bucket");
	return root_parse(c->arena, io->storage.place, &io->root, c->error);
}

/* Nothing is taken that would be ignored. */
static enum err
check_options(const struct storage_draft *d, struct error *e)
{
	bool is_s3 = d->storage.scheme == STORAGE_S3;

	if (!is_s3 && d->use_sts)
		return fail(e, ERR_BAD_REQUEST,
		    "use_sts: a file: warehouse has no credentials to give");
	if (!is_s3 && d->vending.how != VENDING_NONE)
		return fail(e, ERR_BAD_REQUEST,
		    VENDING ": a file: warehouse has no credentials to give");
	if (d->use_sts && d->storage.role.ptr == NULL &&
	    d->vending.how != VENDING_STS)
		return fail(e, ERR_BAD_REQUEST,
		    "use_sts: name the role in " CONFIG
		    "/s3.role-arn or in " VENDING "/AwsSts/role_arn");
	return OK;
}

/* The client itself says what it cannot work with. */
static enum err
check_client(const struct storage_draft *d, struct error *e)
{
	const struct s3_settings settings = storage_draft_s3(d);
	struct s3_client *client = NULL;
	struct error why = { 0 };

	TRY(check_sts(&d->storage, d->config, e));
	if (s3_client_open(&settings, &client, &why) != OK)
		return fail(e, why.code, CONFIG ": %s", why.message);
	s3_client_close(client);
	return OK;
}

enum err
storage_draft_make(struct call *c, const struct warehouse *from,
    const struct warehouse_change *change, struct storage_draft *ret)
{
	struct storage_draft d = { .use_sts = from->use_sts };

	if (change->use_sts >= 0)
		d.use_sts = change->use_sts != 0;
	TRY(draft_config(c, from, change->storage_config, &d));
	TRY(draft_vending(c, from, change->vending_strategy, &d));
	TRY(storage_config_read(d.config, &d.storage, c->error));
	TRY(draft_root(c, &d));
	TRY(check_options(&d, c->error));
	if (d.storage.scheme == STORAGE_S3)
		TRY(check_client(&d, c->error));
	*ret = d;
	return OK;
}

/* A secret that cannot be opened differs from every other. */
bool
storage_draft_differs(
    struct call *c, const struct warehouse *w, const struct storage_draft *d)
{
	struct config_of of = config_of(c, w->id, CONFIG);
	struct vending_strategy vending;
	struct error ignored;
	struct pairs config;

	of.error = &ignored;
	if (config_open(&of, w->row_config, &config) != OK ||
	    !pairs_eq(config, d->config) || d->use_sts != w->use_sts)
		return true;
	of.what = VENDING;
	return vending_strategy_read(
		   c->arena, w->row_vending, &vending, &ignored) != OK ||
	       vending.how != d->vending.how ||
	       config_open(&of, vending.fields, &config) != OK ||
	       !pairs_eq(config, d->vending.fields);
}

enum err
storage_draft_seal(struct call *c, struct id warehouse,
    const struct storage_draft *d, struct pairs *ret_config,
    struct str *ret_vending)
{
	const struct config_of of = config_of(c, warehouse, CONFIG);
	const struct config_of vending_of = config_of(c, warehouse, VENDING);
	struct vending_strategy sealed = d->vending;

	TRY(config_seal(&of, d->config, ret_config));
	TRY(config_seal(&vending_of, d->vending.fields, &sealed.fields));
	*ret_vending = d->vending.how == VENDING_NONE
			   ? d->none
			   : vending_strategy_text(c->arena, &sealed);
	return OK;
}

enum err
warehouse_vending_shown(struct call *c, struct str row, struct str *ret)
{
	struct vending_strategy v;

	*ret = row;
	if (row.ptr == NULL)
		return OK;
	TRY(vending_strategy_read(c->arena, row, &v, c->error));
	if (v.how == VENDING_NONE)
		return OK;
	config_mask(v.fields);
	*ret = vending_strategy_text(c->arena, &v);
	return OK;
}
