#include "catalog/reseal.h"

#include "catalog/config_mask.h"
#include "catalog/vending_strategy.h"
#include "record/control.h"
#include "record/pairs.h"

/* A row's secrets, opened and sealed again. */
struct resealing {
	struct call *call;
	struct id warehouse;
	struct pairs config;
	struct vending_strategy vending;
};

static enum err
read_row(struct call *c, const struct value *row, struct resealing *ret)
{
	struct str vending = value_str_or_absent(row[WAREHOUSE_VENDING]);

	*ret = (struct resealing){ .call = c,
		.warehouse = value_id_or_nil(row[WAREHOUSE_ID]) };
	TRY(pairs_parse(
	    c, value_str_or_absent(row[WAREHOUSE_STORAGE]), &ret->config));
	return vending_strategy_read(
	    c->arena, vending, &ret->vending, c->error);
}

static enum err
seal_again(struct resealing *r, const char *what, struct pairs *io)
{
	const struct config_of of = { r->call->arena, r->call->error,
		r->warehouse, what };

	TRY(config_open(&of, *io, io));
	return config_seal(&of, *io, io);
}

/* A conflict: somebody has written the row, sealed. */
static enum err
write_row(const struct resealing *r, const struct value *row)
{
	struct call *c = r->call;
	struct batch b = batch_of(c);
	int64_t revision = value_int_or(row[WAREHOUSE_REVISION], 0);
	struct update u =
	    batch_update(&b, ENTITY_WAREHOUSES, value_id(r->warehouse),
		(struct test){
		    WAREHOUSE_REVISION, TEST_EQ, row[WAREHOUSE_REVISION] });
	enum verdict verdict;
	size_t failed;

	update_set(u, WAREHOUSE_STORAGE,
	    value_text(json_of_pairs(c->arena, r->config)));
	if (r->vending.how != VENDING_NONE)
		update_set(u, WAREHOUSE_VENDING,
		    value_text(vending_strategy_text(c->arena, &r->vending)));
	update_set(u, WAREHOUSE_REVISION, value_int(revision + 1));
	control_name(
	    &b, CONTROL_WAREHOUSE, value_str_or_absent(row[WAREHOUSE_NAME]));
	return control_apply(
	    &b, value_id_or_nil(row[WAREHOUSE_TENANT]), &verdict, &failed);
}

static enum err
reseal(struct call *c, const struct value *row, struct resealed *io)
{
	struct resealing r;

	TRY(read_row(c, row, &r));
	if (config_is_sealed(r.config) && config_is_sealed(r.vending.fields))
		return OK;
	if (seal_again(&r, "storage_config", &r.config) != OK ||
	    seal_again(&r, "vending_strategy", &r.vending.fields) != OK) {
		io->locked++;
		return OK;
	}
	io->done++;
	return write_row(&r, row);
}

enum err
warehouses_reseal(struct call *c, struct resealed *ret)
{
	struct scan scan = { .entity = ENTITY_WAREHOUSES, .index = INDEX_KEY };
	struct rows rows;

	*ret = (struct resealed){ 0 };
	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++)
		TRY(reseal(c, rows.row[i], ret));
	return OK;
}
