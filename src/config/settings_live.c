/* settings_live.c - comparing settings row by row, and taking some over. */
#include "config/settings_live.h"

static const void *
field(const struct setting *row, const struct settings *s)
{
	return (const char *)s + row->offset;
}

static bool
lists_are_same(const struct str_list *a, const struct str_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!str_eq(a->at[i], b->at[i]))
			return false;
	}
	return true;
}

static bool
networks_are_same(const struct networks *a, const struct networks *b)
{
	return a->count == b->count &&
	       (a->count == 0 ||
		   memcmp(a->at, b->at, a->count * sizeof(a->at[0])) == 0);
}

/* 0: the field is not a plain number. */
static size_t
number_size(const struct setting *row)
{
	switch (row->type) {
	case SETTING_INT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		return sizeof(int64_t);
	case SETTING_BOOL:
		return sizeof(bool);
	case SETTING_ENUM:
		return sizeof(int);
	case SETTING_STRING:
	case SETTING_PATH:
	case SETTING_ADDRESS:
	case SETTING_LIST:
	case SETTING_URL:
	case SETTING_NETWORKS:
		break;
	}
	return 0;
}

bool
setting_is_same(const struct setting *row, const struct settings *a,
    const struct settings *b)
{
	const void *x = field(row, a), *y = field(row, b);
	size_t size = number_size(row);

	if (size != 0)
		return memcmp(x, y, size) == 0;
	if (row->type == SETTING_LIST)
		return lists_are_same(x, y);
	if (row->type == SETTING_NETWORKS)
		return networks_are_same(x, y);
	if (row->type == SETTING_ADDRESS)
		return str_eq(((const struct address *)x)->text,
		    ((const struct address *)y)->text);
	return str_eq(*(const struct str *)x, *(const struct str *)y);
}

static bool
options_are_same(const struct options *a, const struct options *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!str_eq(a->at[i].plugin, b->at[i].plugin) ||
		    !str_eq(a->at[i].name, b->at[i].name) ||
		    !str_eq(a->at[i].value, b->at[i].value))
			return false;
	}
	return true;
}

bool
settings_have_same_options(const struct settings *a, const struct settings *b)
{
	return options_are_same(&a->store_options, &b->store_options) &&
	       options_are_same(&a->cache_options, &b->cache_options);
}

void
settings_take_live(struct settings *to, const struct settings *from)
{
	for (const struct setting *row = settings_table; row->key; row++) {
		if ((row->flags & SETTING_LIVE) != 0)
			memcpy((char *)to + row->offset, field(row, from),
			    number_size(row));
	}
}
