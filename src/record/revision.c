#include "record/revision.h"

enum err
revision_read(struct call *c, struct str name, struct value *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_REVISIONS, value_text(name), &row));
	*ret = row != NULL ? row[REVISION_NUMBER] : value_null();
	return OK;
}

void
revision_swap(struct batch *b, struct str name, struct value read)
{
	if (read.type == VALUE_NULL) {
		struct value *row = batch_insert(b, ENTITY_REVISIONS);

		row[REVISION_NAME] = value_text(name);
		row[REVISION_NUMBER] = value_int(1);
		return;
	}

	struct update u = batch_update(b, ENTITY_REVISIONS, value_text(name),
	    (struct test){ REVISION_NUMBER, TEST_EQ, read });

	update_set(u, REVISION_NUMBER, value_int(read.as.i + 1));
}
