/*
 * judge.c - tells what our filters say of a file, for differential.py.
 *
 *   judge <questions   each line is a JSON object: `schema`, `fields` of a
 *                      partition spec, `filter`; `sources` and `partition`,
 *                      for each field the bytes of a value of its column and of
 *                      the partition, in hexadecimal, or null; `columns` with
 *                      `id`, `values`, `nulls`, `nans`, `lower`, `upper`
 *
 * Each is answered by a line: what manifest, partition and file match (0: none,
 * 1: some, 2: all), the residual, and whether the transforms of the sources are
 * the partition; or "refused: " and the message.
 */
#include <stdio.h>
#include <stdlib.h>

#include "iceberg/evaluate.h"

static struct str
bytes_of(struct arena *a, const yyjson_val *hex)
{
	static const struct type binary = { .kind = TYPE_BINARY };
	struct literal l;

	if (hex == NULL || !literal_from_json(a, &binary, hex, &l))
		return (struct str){ 0 };
	return l.as.s;
}

static struct literal
value_of(struct arena *a, const struct type *type, const yyjson_val *hex)
{
	struct str bytes = bytes_of(a, hex);
	struct literal l = { .state = LITERAL_NULL, .kind = type->kind };

	if (bytes.ptr != NULL && !literal_from_bytes(type, bytes, &l))
		abort();
	return l;
}

static bool
same(const struct literal *a, const struct literal *b)
{
	return a->state == b->state && a->kind == b->kind &&
	       (a->state == LITERAL_NULL || literal_compare(a, b) == 0);
}

static enum match
judge_file(struct arena *a, const yyjson_val *question,
    const struct expression *filter)
{
	struct work_budget budget = work_until(INT64_MAX);
	yyjson_val *list = json_member(question, STR("columns")), *column;
	size_t i, count;
	struct column_metrics *columns =
	    ARENA_NEW(a, struct column_metrics, yyjson_arr_size(list));

	yyjson_arr_foreach(list, i, count, column)
	{
		columns[i].id = yyjson_get_int(json_member(column, STR("id")));
		columns[i].values =
		    yyjson_get_sint(json_member(column, STR("values")));
		columns[i].nulls =
		    yyjson_get_sint(json_member(column, STR("nulls")));
		columns[i].nans =
		    yyjson_get_sint(json_member(column, STR("nans")));
		columns[i].lower =
		    bytes_of(a, json_member(column, STR("lower")));
		columns[i].upper =
		    bytes_of(a, json_member(column, STR("upper")));
	}
	return evaluate_file(
	    filter, &(struct file_metrics){ 1, columns, count }, &budget);
}

static void
judge_partition(struct arena *a, const yyjson_val *question,
    const struct partition_type *type, const struct expression *filter)
{
	struct work_budget budget = work_until(INT64_MAX);
	yyjson_val *sources = json_member(question, STR("sources"));
	yyjson_val *partition = json_member(question, STR("partition"));
	struct literal *values = ARENA_NEW(a, struct literal, type->count);
	struct partition_summary *summaries =
	    ARENA_NEW(a, struct partition_summary, type->count);
	struct buf residual = buf_in(a);
	bool applied = true;

	for (size_t i = 0; i < type->count; i++) {
		const struct partition_column *column = &type->columns[i];
		const yyjson_val *hex = yyjson_arr_get(partition, i);
		struct literal source =
		    value_of(a, &column->source, yyjson_arr_get(sources, i));
		struct literal result =
		    transform_apply(&column->transform, &source);

		values[i] = value_of(a, &column->type, hex);
		applied = applied && same(&result, &values[i]);
		summaries[i].contains_null = values[i].state == LITERAL_NULL;
		summaries[i].contains_nan = literal_is_nan(&values[i]);
		if (!literal_is_nan(&values[i]))
			summaries[i].lower = summaries[i].upper =
			    bytes_of(a, hex);
	}
	expression_write(
	    &residual, evaluate_residual(a, filter, type, values, &budget));
	printf("{\"manifest\":%d,\"partition\":%d,\"applied\":%s,"
	       "\"residual\":" STR_FMT ",\"file\":%d}\n",
	    evaluate_manifest(filter, type, summaries, &budget),
	    evaluate_partition(filter, type, values, &budget),
	    applied ? "true" : "false", STR_ARG(buf_str(&residual)),
	    judge_file(a, question, filter));
}

static enum err
answer(struct arena *a, struct str line, struct error *e)
{
	yyjson_mut_doc *doc = json_new(a);
	const struct expression *filter = NULL;
	struct partition_spec spec;
	struct schema schema;
	struct expression_context context = { &schema, true, "/filter" };
	yyjson_val *question = NULL;

	TRY(json_parse(a, line, &question, e));

	yyjson_mut_val *copy = yyjson_val_mut_copy(doc, question);

	TRY(schema_read(a, yyjson_mut_obj_get(copy, "schema"), &schema, e));
	TRY(partition_spec_read(a, copy, &spec, e));
	TRY(expression_read(
	    a, json_member(question, STR("filter")), &context, &filter, e));

	struct partition_type type = partition_type_of(a, &spec, &schema, 1);

	judge_partition(a, question, &type, filter);
	return OK;
}

int
main(void)
{
	struct arena *a = arena_new();
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		struct error e = { 0 };

		if (answer(a, (struct str){ line, (size_t)len }, &e) != OK)
			printf("refused: %s\n", e.message);
		arena_reset(a);
	}
	free(line);
	arena_free(a);
	return 0;
}
