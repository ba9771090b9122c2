#include "iceberg/literal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/uuid.h"
#include "iceberg/moment.h"

bool
literal_is_nan(const struct literal *l)
{
	return l->state == LITERAL_VALUE &&
	       (l->kind == TYPE_FLOAT || l->kind == TYPE_DOUBLE) &&
	       isnan(l->as.d);
}

static int
compare_doubles(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (isnan(a) != 0) - (isnan(b) != 0);
	if (a == b) /* -0.0 == 0.0 */
		return (signbit(b) != 0) - (signbit(a) != 0);
	return a < b ? -1 : 1;
}

int
literal_compare(const struct literal *a, const struct literal *b)
{
	switch ((int)a->kind) {
	case TYPE_BOOLEAN:
		return a->as.b - b->as.b;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		return compare_doubles(a->as.d, b->as.d);
	case TYPE_DECIMAL:
		return (a->as.n > b->as.n) - (a->as.n < b->as.n);
	case TYPE_STRING:
	case TYPE_UUID:
	case TYPE_FIXED:
	case TYPE_BINARY:
		return str_cmp(a->as.s, b->as.s);
	default:
		return (a->as.i > b->as.i) - (a->as.i < b->as.i);
	}
}

static void
write_double(struct buf *b, const struct literal *l)
{
	double d = l->as.d;

	if (isnan(d) || isinf(d)) {
		buf_add(b, isnan(d)  ? STR("\"NaN\"")
			   : d > 0.0 ? STR("\"Infinity\"")
				     : STR("\"-Infinity\""));
		return;
	}

	/* the fewest digits that a reader takes for the same number */
	char text[32];
	int digits = 1;
	double again;

	do {
		(void)snprintf(text, sizeof(text), "%.*g", digits, d);
		again = strtod(text, NULL);
		if (l->kind == TYPE_FLOAT)
			again = (double)(float)again;
	} while (digits++ < 17 && (again < d || again > d));
	buf_add(b, str_from(text));
	/* a number without a point is an integer to some readers */
	if (strcspn(text, ".e") == strlen(text))
		buf_add(b, STR(".0"));
}

static void
write_hex(struct buf *b, struct str bytes)
{
	buf_add_char(b, '"');
	buf_add_hex(b, bytes);
	buf_add_char(b, '"');
}

static void
write_uuid(struct buf *b, struct str bytes)
{
	char text[ID_TEXT];
	struct id id;

	memcpy(id.b, bytes.ptr, sizeof(id.b));
	id_format(id, text);
	buf_add_json(b, str_from(text));
}

void
literal_write(struct buf *b, const struct literal *l)
{
	if (l->state == LITERAL_NULL) {
		buf_add(b, STR("null"));
		return;
	}
	switch ((int)l->kind) {
	case TYPE_BOOLEAN:
		buf_add(b, l->as.b ? STR("true") : STR("false"));
		return;
	case TYPE_INT:
	case TYPE_LONG:
		buf_add_int(b, l->as.i);
		return;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		write_double(b, l);
		return;
	case TYPE_STRING:
		buf_add_json(b, l->as.s);
		return;
	case TYPE_UUID:
		write_uuid(b, l->as.s);
		return;
	case TYPE_FIXED:
	case TYPE_BINARY:
		write_hex(b, l->as.s);
		return;
	default:
		break;
	}
	buf_add_char(b, '"');
	if (l->kind == TYPE_DECIMAL)
		decimal_write(b, l->as.n, l->scale);
	else
		moment_write(b, l->kind, l->as.i);
	buf_add_char(b, '"');
}
