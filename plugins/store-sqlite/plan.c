#include "plan.h"

struct str
sqlite_scanned_table(struct str line)
{
	struct str table;

	if (!str_starts_with(line, STR("SCAN ")) ||
	    memmem(line.ptr, line.len, "COVERING INDEX", 14) != NULL)
		return STR("");
	line = str_skip(line, 5);
	table = str_cut(&line, ' ');
	/* not CONSTANT ROW, 2 CONSTANT ROWS, (subquery-1) */
	if (table.len == 0 || table.ptr[0] < 'a' || table.ptr[0] > 'z')
		return STR("");
	return table;
}
