#include "api/forms_catalog.h"

#include "api/form_table.h"

/* In the order of enum catalog_type. */
static const char *const catalog_types[] = { "Local", "Federated", NULL };

/* clang-format off */

/* ---- warehouses */
static const struct form_field warehouse[] = {
	FIELD(warehouse_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the warehouse for ever."),
	FIELD(warehouse_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(warehouse_body, tenant, "tenant_id", ID, FORM_REQUIRED,
	    "Tenant of the warehouse."),
	FIELD(warehouse_body, use_sts, "use_sts", BOOL, FORM_REQUIRED,
	    "Deprecated: vending_strategy says it better."),
	FIELD(warehouse_body, storage_config, "storage_config", PAIRS,
	    FORM_REQUIRED, "Where its files are; secrets are masked."),
	FIELD(warehouse_body, vending_strategy, "vending_strategy", RAW, 0,
	    "How engines get credentials; null: they bring their own."),
	FIELD(warehouse_body, bytes_written, "bytes_written", INT,
	    FORM_REQUIRED,
	    "To S3, by this server since it started; files: 0."),
	FIELD(warehouse_body, bytes_read, "bytes_read", INT, FORM_REQUIRED,
	    "From S3, by this server since it started; files: 0."),
	FIELDS_END
};
const struct form form_warehouse =
	FORM("Warehouse", warehouse_body, true, warehouse);

static const struct form_field create_warehouse_request[] = {
	FIELD(warehouse_request, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant."),
	FIELD(warehouse_request, use_sts, "use_sts", BOOL, 0,
	    "Deprecated: vending_strategy says it better."),
	FIELD(warehouse_request, storage_config, "storage_config", PAIRS, 0,
	    "Where its files are: `root`, file:///srv/lake, or `s3.bucket`."),
	FIELD(warehouse_request, vending_strategy, "vending_strategy", JSON, 0,
	    "How engines get credentials; absent: they bring their own."),
	FIELDS_END
};
const struct form form_create_warehouse_request =
	FORM("CreateWarehouseRequest", warehouse_request, true,
	    create_warehouse_request);

static const struct form_field update_warehouse[] = {
	FIELD(warehouse_request, name, "name", TEXT, 0,
	    "The new name; absent: as it is."),
	FIELD(warehouse_request, use_sts, "use_sts", BOOL, 0,
	    "Deprecated: vending_strategy says it better."),
	FIELD(warehouse_request, storage_config, "storage_config", PAIRS, 0,
	    "All of it; a secret that is masked stays as it is."),
	FIELD(warehouse_request, vending_strategy, "vending_strategy", JSON, 0,
	    "How engines get credentials; absent: as it is."),
	FIELDS_END
};
const struct form form_update_warehouse =
	FORM("UpdateWarehouse", warehouse_request, true, update_warehouse);

static const struct form_field probe_request[] = {
	FIELD(warehouse_request, use_sts, "use_sts", BOOL, 0,
	    "Absent: as it is."),
	FIELD(warehouse_request, storage_config, "storage_config", PAIRS, 0,
	    "What would be saved; absent: as it is."),
	FIELD(warehouse_request, vending_strategy, "vending_strategy", JSON, 0,
	    "What would be saved; absent: as it is."),
	FIELDS_END
};
const struct form form_probe_request =
	FORM("ProbeRequest", warehouse_request, true, probe_request);

static const struct form_field probe_step[] = {
	FIELD(probe_step_body, name, "name", TEXT, FORM_REQUIRED,
	    "put, get, list or delete."),
	FIELD(probe_step_body, ok, "ok", BOOL, 0,
	    "Whether it can be done; null: it was not tried."),
	FIELD(probe_step_body, error, "error", TEXT, 0,
	    "Why not; null: it can."),
	FIELDS_END
};
static const struct form form_probe_step =
	FORM("ProbeStep", probe_step_body, true, probe_step);

static const struct form_field probe[] = {
	FIELD(probe_body, ok, "ok", BOOL, FORM_REQUIRED,
	    "Whether all of it can be done."),
	FIELD(probe_body, conditional_put, "conditional_put", BOOL,
	    FORM_REQUIRED, "Whether a put can be told to overwrite nothing."),
	FIELD(probe_body, signed_headers_only, "signed_headers_only", BOOL,
	    FORM_REQUIRED,
	    "Whether a header that is not signed is refused or ignored; if "
	    "not, remote signing of writes lets clients copy what the "
	    "warehouse's key can read."),
	FIELD(probe_body, steps, "steps", LIST, FORM_REQUIRED,
	    "One for each right.", .form = &form_probe_step),
	FIELDS_END
};
const struct form form_probe = FORM("Probe", probe_body, true, probe);

/* ---- catalogs */
static const struct form_field federated_config[] = {
	FIELD(federated_config, properties, "properties", PAIRS, 0,
	    "How the other catalog is reached."),
	FIELDS_END
};
static const struct form form_federated_config =
	FORM("FederatedCatalogConfig", federated_config, true,
	    federated_config);

static const struct form_field catalog[] = {
	FIELD(catalog_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the catalog for ever."),
	FIELD(catalog_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant; what engines call the warehouse."),
	FIELD(catalog_body, type, "catalog_type", CHOICE, FORM_REQUIRED,
	    "Local: its tables are kept here.", .choices = catalog_types),
	FIELD(catalog_body, warehouse, "warehouse_name", TEXT, 0,
	    "Warehouse that new tables are put in."),
	FIELD(catalog_body, storage_location, "storage_location", TEXT, 0,
	    "Location below which new tables are put."),
	FIELD_OBJECT(catalog_body, federated, "federated_config",
	    &form_federated_config, 0, "The other catalog; null: local."),
	FIELD(catalog_body, properties, "properties", PAIRS, FORM_REQUIRED,
	    "Whatever is worth noting about the catalog."),
	FIELDS_END
};
const struct form form_catalog = FORM("Catalog", catalog_body, true, catalog);

static const struct form_field create_catalog_request[] = {
	FIELD(catalog_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique in its tenant, without '/' and '@'."),
	FIELD(catalog_body, type, "catalog_type", CHOICE, 0,
	    "Absent: Local.", .choices = catalog_types),
	FIELD(catalog_body, warehouse, "warehouse_name", TEXT, 0,
	    "Warehouse of the tenant to put new tables in."),
	FIELD(catalog_body, storage_location, "storage_location", TEXT, 0,
	    "Inside the warehouse; absent: the warehouse, then the name."),
	FIELD_OBJECT(catalog_body, federated, "federated_config",
	    &form_federated_config, 0, "Of federated catalogs alone."),
	FIELD(catalog_body, properties, "properties", PAIRS, 0,
	    "Whatever is worth noting about the catalog."),
	FIELDS_END
};
const struct form form_create_catalog_request =
	FORM("CreateCatalogRequest", catalog_body, true,
	    create_catalog_request);

static const struct form_field update_catalog[] = {
	FIELD(catalog_body, warehouse, "warehouse_name", TEXT, 0,
	    "Warehouse for new tables; absent: as it is."),
	FIELD(catalog_body, storage_location, "storage_location", TEXT, 0,
	    "Location for new tables; absent: as it is."),
	FIELD_OBJECT(catalog_body, federated, "federated_config",
	    &form_federated_config, 0, "Read and ignored: it stays."),
	FIELD(catalog_body, properties, "properties", PAIRS, 0,
	    "All properties from now on; absent: as they are."),
	FIELDS_END
};
const struct form form_update_catalog =
	FORM("UpdateCatalog", catalog_body, true, update_catalog);

static const struct form_field move_namespace_request[] = {
	FIELD(move_namespace_request, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Its catalog."),
	FIELD(move_namespace_request, branch, "branch", TEXT, 0,
	    "On which branch; absent: the default branch."),
	FIELD(move_namespace_request, source, "source", TEXTS, FORM_REQUIRED,
	    "The levels of its name."),
	FIELD(move_namespace_request, destination, "destination", TEXTS,
	    FORM_REQUIRED, "What they become; all but the last are there."),
	FIELDS_END
};
const struct form form_move_namespace_request =
	FORM("MoveNamespaceRequest", move_namespace_request, true,
	    move_namespace_request);

/* clang-format on */
