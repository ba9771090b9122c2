#include "catalog/config_mask.h"

static bool
is_shown(struct str name)
{
	/* Names of the API, of Iceberg's FileIO properties, and of Pangolin's
	 * other clients, which write them without a prefix. */
	static const char *const shown[] = { "type", "root", "location", "path",
		"allowed-locations", "bucket", "container", "region",
		"endpoint", "account_name", "project_id", "access_key_id",
		"role_arn", "client.region", "s3.bucket", "s3.region",
		"s3.endpoint", "s3.path-style-access", "s3.access-key-id",
		"s3.role-arn", "adls.account-name", "adls.container",
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

struct pairs
config_unmask(struct arena *a, struct pairs config, struct pairs stored)
{
	struct pair *at = ARENA_NEW(a, struct pair, config.count);

	for (size_t i = 0; i < config.count; i++) {
		at[i] = config.at[i];
		if (is_shown(at[i].name) ||
		    !str_eq(at[i].value, STR(CONFIG_MASK)))
			continue;

		struct str old = pairs_find(stored, at[i].name);

		if (old.ptr != NULL)
			at[i].value = old;
	}
	return (struct pairs){ at, config.count };
}
