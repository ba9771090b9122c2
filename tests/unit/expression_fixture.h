/* expression_fixture.h - a schema with a column of each type, and filters. */
#ifndef PANGOLIN_EXPRESSION_FIXTURE_H
#define PANGOLIN_EXPRESSION_FIXTURE_H

#include "iceberg/expression.h"
#include "tests/unit/metadata_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define FIELD(id, name, type)                                                  \
	"{'id':" #id ",'name':'" name "','required':false,'type':" type "}"

static const char expression_columns[] =
    "{'type':'struct','fields':["
    "{'id':1,'name':'i','required':true,'type':'int'},"
    /* clang-format off */
    FIELD(2, "l", "'long'") "," FIELD(3, "s", "'string'") ","
    FIELD(4, "d", "'date'") "," FIELD(5, "ts", "'timestamp'") ","
    FIELD(6, "tz", "'timestamptz'") "," FIELD(7, "x", "'double'") ","
    FIELD(8, "f", "'float'") "," FIELD(9, "dec", "'decimal(9, 2)'") ","
    FIELD(10, "b", "'boolean'") "," FIELD(11, "u", "'uuid'") ","
    FIELD(12, "bin", "'binary'") ","
    FIELD(13, "loc", "{'type':'struct','fields':["
	"{'id':14,'name':'lat','required':true,'type':'double'},"
	FIELD(15, "city", "'string'") "]}") ","
    FIELD(16, "tags", "{'type':'list','element-id':17,'element':'string',"
	"'element-required':true}") ","
    FIELD(18, "v", "'variant'") "," FIELD(19, "n", "'unknown'") ","
    FIELD(20, "Name", "'string'") "," FIELD(21, "name", "'string'") ","
    FIELD(22, "fx", "'fixed[4]'") "," FIELD(23, "ns", "'timestamp_ns'") ","
    FIELD(24, "t", "'time'") "," FIELD(25, "a.b", "'int'") ","
		 /* clang-format on */
		 "{'id':26,'name':'r','required':true,'type':{'type':'struct','"
		 "fields':["
		 "{'id':27,'name':'k','required':true,'type':'int'}]}}"
		 "]}";

static struct schema expression_schema;

static inline enum err
read_filter(const yyjson_val *filter, bool case_sensitive,
    const struct expression **ret)
{
	struct expression_context context = { &expression_schema,
		case_sensitive, "/filter" };

	assert_int_equal(schema_read(arena, mut_json(expression_columns),
			     &expression_schema, &error),
	    OK);
	return expression_read(arena, filter, &context, ret, &error);
}

static inline const struct expression *
filter(const char *text)
{
	const struct expression *e = NULL;

	if (read_filter(json(text), true, &e) != OK)
		fail_msg("%s: %s", text, error.message);
	return e;
}

static inline struct str
filter_text(const struct expression *e)
{
	struct buf b = buf_in(arena);

	expression_write(&b, e);
	return buf_str(&b);
}

#endif
