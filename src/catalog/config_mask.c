#include "catalog/config_mask.h"

#include "catalog/sealing.h"
#include "catalog/storage_config.h"

static bool
is_shown(struct str name)
{
	/* Names of the API, of Iceberg's FileIO properties, and of Pangolin's
	 * other clients, which write them without a prefix. */
	static const char *const shown[] = { "type", "dialect", "root",
		"location", "path", "allowed-locations", "bucket", "container",
		"prefix", "region", "endpoint", "path_style",
		"path_style_access", "account_name", "project_id",
		"access_key_id", "role_arn", "sts_endpoint", "sse_type",
		"engine_gc", "credentials_by_default", STORAGE_ENGINE_GC,
		STORAGE_BY_DEFAULT, "client.region", "s3.bucket", "s3.prefix",
		"s3.region", "s3.endpoint", "s3.path-style-access",
		"s3.access-key-id", "s3.role-arn", "s3.sts-endpoint",
		"s3.sse.type", "adls.account-name", "adls.container",
		"azure.account-name", "azure.container", "gcp.bucket",
		"gcs.bucket", "gcs.project-id" };

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (str_eq(name, str_from(shown[i])))
			return true;
	return false;
}

void
config_mask(struct pairs config)
{
	for (size_t i = 0; i < config.count; i++)
		if (!is_shown(config.at[i].name))
			config.at[i].value = STR(CONFIG_MASK);
}

/* The context that a sealed value is bound to: nobody can move it to another
 * field, or to a warehouse with another endpoint. */
static struct str
about(const struct config_of *of, struct str name)
{
	char id[ID_TEXT];

	id_format(of->warehouse, id);
	return arena_printf(
	    of->arena, "%s/%s/" STR_FMT, id, of->what, STR_ARG(name));
}

static const char *
shown_name(const struct config_of *of, struct pairs config, struct str name)
{
	struct str said = storage_config_name(config, name);

	return arena_cstr(of->arena,
	    arena_printf(of->arena, "%s/" STR_FMT, of->what, STR_ARG(said)));
}

static enum err
open_one(
    const struct config_of *of, struct pairs row, size_t i, struct str *ret)
{
	struct str name = row.at[i].name;

	*ret = row.at[i].value;
	if (is_shown(name))
		return OK;
	return sealing_open(of->arena, shown_name(of, row, name),
	    about(of, name), row.at[i].value, ret, of->error);
}

enum err
config_seal(const struct config_of *of, struct pairs plain, struct pairs *ret)
{
	struct pair *at = ARENA_NEW(of->arena, struct pair, plain.count);

	for (size_t i = 0; i < plain.count; i++) {
		struct str name = plain.at[i].name;

		at[i] = plain.at[i];
		if (!is_shown(name))
			TRY(sealing_seal(of->arena, shown_name(of, plain, name),
			    about(of, name), plain.at[i].value, &at[i].value,
			    of->error));
	}
	*ret = (struct pairs){ at, plain.count };
	return OK;
}

enum err
config_open(const struct config_of *of, struct pairs row, struct pairs *ret)
{
	struct pair *at = ARENA_NEW(of->arena, struct pair, row.count);

	for (size_t i = 0; i < row.count; i++) {
		at[i].name = row.at[i].name;
		TRY(open_one(of, row, i, &at[i].value));
	}
	*ret = (struct pairs){ at, row.count };
	return OK;
}

static enum err
take_stored(const struct config_of *of, struct pairs row, struct pair *io)
{
	for (size_t i = 0; i < row.count; i++)
		if (str_eq(row.at[i].name, io->name))
			return open_one(of, row, i, &io->value);
	return OK;
}

enum err
config_unmask(const struct config_of *of, struct pairs config, struct pairs row,
    struct pairs *ret)
{
	struct pair *at = ARENA_NEW(of->arena, struct pair, config.count);

	for (size_t i = 0; i < config.count; i++) {
		at[i] = config.at[i];
		if (!is_shown(at[i].name) &&
		    str_eq(at[i].value, STR(CONFIG_MASK)))
			TRY(take_stored(of, row, &at[i]));
	}
	*ret = (struct pairs){ at, config.count };
	return OK;
}

bool
config_is_sealed(struct pairs row)
{
	for (size_t i = 0; i < row.count; i++)
		if (!is_shown(row.at[i].name) &&
		    !sealing_is_current(row.at[i].value))
			return false;
	return true;
}
