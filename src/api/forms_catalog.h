/* forms_catalog.h - bodies about warehouses and catalogs. */
#ifndef PANGOLIN_FORMS_CATALOG_H
#define PANGOLIN_FORMS_CATALOG_H

#include "api/form.h"

struct warehouse_body {
	struct id id, tenant;
	struct str name;
	enum form_bool use_sts;
	struct pairs storage_config;
	struct str vending_strategy; /* JSON text */
	int64_t bytes_written, bytes_read;
};

/* CreateWarehouseRequest, UpdateWarehouse */
struct warehouse_request {
	struct str name;
	enum form_bool use_sts;
	struct pairs storage_config;
	const yyjson_val *vending_strategy;
};

/* what POST /api/v1/warehouses/{name}/probe has found */
struct probe_step_body {
	struct str name;
	enum form_bool ok; /* FORM_UNSET: it was not tried */
	struct str error;
};

struct probe_body {
	enum form_bool ok, conditional_put, signed_headers_only;
	struct form_list steps; /* probe_step_body */
};

struct federated_config {
	struct pairs properties;
};

/* Catalog, CreateCatalogRequest, UpdateCatalog */
struct catalog_body {
	struct id id;
	struct str name;
	int type; /* enum catalog_type */
	struct str warehouse, storage_location;
	struct federated_config federated;
	struct pairs properties;
};

/* MoveNamespaceRequest */
struct move_namespace_request {
	struct str catalog, branch;
	struct form_texts source, destination;
};

extern const struct form form_move_namespace_request;
extern const struct form form_warehouse, form_create_warehouse_request;
extern const struct form form_update_warehouse, form_probe_request, form_probe;
extern const struct form form_catalog, form_create_catalog_request;
extern const struct form form_update_catalog;

#endif
