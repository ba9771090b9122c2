#include "api/name_list.h"

#include "catalog/names.h"

/* "a","b", */
static void
add_levels(struct buf *b, struct str path, const char *behind)
{
	const char *separator = "";

	while (path.len != 0) {
		buf_add(b, str_from(separator));
		buf_add_json(b, str_cut(&path, LEVEL_SEPARATOR));
		separator = ",";
	}
	buf_add(b, str_from(behind));
}

static void
begin(struct name_list *l, struct arena *a, struct str before,
    const char *behind, const char *member)
{
	*l = (struct name_list){ .before = before,
		.behind = str_from(behind),
		.text = buf_in(a),
		.separator = "" };
	buf_printf(&l->text, "{\"%s\":[", member);
}

void
name_list_of_namespaces(struct name_list *l, struct arena *a, struct str parent)
{
	struct buf before = buf_in(a);

	buf_add_char(&before, '[');
	add_levels(&before, parent, parent.len != 0 ? "," : "");
	begin(l, a, buf_str(&before), "]", "namespaces");
}

void
name_list_of_relations(struct name_list *l, struct arena *a, struct str ns)
{
	struct buf before = buf_in(a);

	buf_add(&before, STR("{\"namespace\":["));
	add_levels(&before, ns, "],\"name\":");
	begin(l, a, buf_str(&before), "}", "identifiers");
}

static void
take(void *arg, struct str name)
{
	struct name_list *l = arg;

	buf_add(&l->text, str_from(l->separator));
	buf_add(&l->text, l->before);
	buf_add_json(&l->text, name);
	buf_add(&l->text, l->behind);
	l->separator = ",";
}

struct listing
name_list_take(struct name_list *l, struct page page)
{
	return (struct listing){ .page = page, .take = take, .arg = l };
}

struct str
name_list_end(struct name_list *l, struct str token)
{
	buf_add_char(&l->text, ']');
	if (token.ptr != NULL) {
		buf_add(&l->text, STR(",\"next-page-token\":"));
		buf_add_json(&l->text, token);
	}
	buf_add_char(&l->text, '}');
	return buf_str(&l->text);
}
