#include "plan.h"

#include <string.h>

/* Where stages are; whatever else there is may have values. */
static const char *const paths[] = { "queryPlanner", "winningPlan", "queryPlan",
	"inputStage", "inputStages", "outerStage", "innerStage", "thenStage",
	"elseStage", "shards", "stages", "$cursor", "$unionWith", "pipeline",
	NULL };

static bool
leads_to_stages(const char *key)
{
	if (key[0] >= '0' && key[0] <= '9')
		return true; /* of an array */
	for (const char *const *p = paths; *p != NULL; p++)
		if (strcmp(*p, key) == 0)
			return true;
	return false;
}

static const char *
text_of(const bson_t *stage, const char *key)
{
	bson_iter_t at;

	return bson_iter_init_find(&at, stage, key) && BSON_ITER_HOLDS_UTF8(&at)
		   ? bson_iter_utf8(&at, NULL)
		   : "";
}

static bool
has_filter(const bson_t *stage)
{
	bson_iter_t at, inside;

	return bson_iter_init_find(&at, stage, "filter") &&
	       bson_iter_recurse(&at, &inside) && bson_iter_next(&inside);
}

/* {field: ["[MinKey, MaxKey]"], ...}: there are no bounds of the field that
 * the index begins with. */
static bool
is_unbounded(const bson_t *stage)
{
	bson_iter_t at, field, bound;
	const char *text;

	if (!bson_iter_init_find(&at, stage, "indexBounds") ||
	    !bson_iter_recurse(&at, &field) || !bson_iter_next(&field) ||
	    !bson_iter_recurse(&field, &bound) || !bson_iter_next(&bound) ||
	    !BSON_ITER_HOLDS_UTF8(&bound))
		return false;
	text = bson_iter_utf8(&bound, NULL);
	return strcmp(text, "[MinKey, MaxKey]") == 0 ||
	       strcmp(text, "[MaxKey, MinKey]") == 0;
}

static void
add_stage(const bson_t *stage, struct buf *plan)
{
	const char *name = text_of(stage, "stage");
	const char *index = text_of(stage, "indexName");

	if (name[0] == '\0')
		return;
	buf_printf(plan, "%s%s", plan->len != 0 ? " < " : "", name);
	if (index[0] != '\0')
		buf_printf(plan, " %s", index);
}

/* `filtered`: a stage that takes from this one has a filter. */
static bool
read_stage(const bson_t *stage, bool filtered, struct buf *plan)
{
	const char *name = text_of(stage, "stage");
	bool whole, staged = bson_has_field(stage, "stages");
	bson_iter_t at;

	filtered = filtered || has_filter(stage);
	whole = filtered &&
		(strcmp(name, "COLLSCAN") == 0 ||
		    (strcmp(name, "IXSCAN") == 0 && is_unbounded(stage)));
	add_stage(stage, plan);
	if (!bson_iter_init(&at, stage))
		return whole;
	while (bson_iter_next(&at)) {
		const char *key = bson_iter_key(&at);
		const uint8_t *data;
		uint32_t len;
		bson_t child;

		/* of a pipeline the first stage's planner may come twice */
		if (!leads_to_stages(key) ||
		    (staged && strcmp(key, "queryPlanner") == 0))
			continue;
		if (BSON_ITER_HOLDS_DOCUMENT(&at))
			bson_iter_document(&at, &len, &data);
		else if (BSON_ITER_HOLDS_ARRAY(&at))
			bson_iter_array(&at, &len, &data);
		else
			continue;
		if (bson_init_static(&child, data, len))
			whole |= read_stage(&child, filtered, plan);
	}
	return whole;
}

bool
mongo_plan_read(const bson_t *explained, struct buf *plan)
{
	return read_stage(explained, false, plan);
}
