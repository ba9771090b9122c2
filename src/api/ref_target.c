#include "api/ref_target.h"

#include "api/access.h"
#include "api/commit_message.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "catalog/branch.h"
#include "identity/principal.h"

/* So many catalogs are searched for a ref that comes without one. */
#define CATALOGS_SEARCHED 100

enum err
query_catalog(
    struct request *r, struct call *c, struct str ref, struct catalog *ret)
{
	struct str name;

	TRY(request_query(r, "catalog", &name));
	if (name.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "catalog: name the catalog in the query");
	return access_catalog_named(r, c, name, ref, ret);
}

static enum err
find_only(struct request *r, struct call *c, const struct catalog_list *all,
    struct str name, struct catalog *ret)
{
	const struct catalog *only = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct ref *found;

		if (!access_shows(r, &all->at[i], REF_ANY))
			continue;
		TRY(ref_find(c, &all->at[i], name, &found));
		if (found == NULL)
			continue;
		if (only != NULL)
			return fail(&r->error, ERR_BAD_REQUEST,
			    "catalog: '" STR_FMT "' and '" STR_FMT
			    "' both have a '" STR_FMT "': name one",
			    STR_ARG(only->name), STR_ARG(all->at[i].name),
			    STR_ARG(name));
		only = &all->at[i];
	}
	if (only == NULL)
		return fail(&r->error, ERR_NO_SUCH_REF,
		    "No catalog has a branch or tag '" STR_FMT "'",
		    STR_ARG(name));
	*ret = *only;
	return OK;
}

enum err
query_catalog_of_ref(
    struct request *r, struct call *c, struct str ref, struct catalog *ret)
{
	struct catalog_list all;
	struct str name;

	TRY(request_query(r, "catalog", &name));
	if (name.len != 0)
		return access_catalog_named(r, c, name, ref, ret);
	TRY(catalogs_list(c, request_tenant(r), CATALOGS_SEARCHED, 0, &all));
	if (all.more)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "catalog: there are many, name one");
	TRY(find_only(r, c, &all, ref, ret));
	return access_catalog(r, ret, ref);
}

#define LOOKED_AT 1000 /* at once */

enum err
refs_shown(struct request *r, struct call *c, const struct catalog *catalog,
    enum ref_kind kind, struct range range, struct ref_list *ret)
{
	struct shown_page page = shown_page_of(range);
	struct ref_list some = { .more = true };
	struct ref *at;

	if (!access_is_by_ref(r, catalog))
		return refs_list(
		    c, catalog, kind, range.limit, range.offset, ret);
	at = ARENA_NEW(r->arena, struct ref, page.most);
	for (int64_t n = 0; some.more && !page.more; n += LOOKED_AT) {
		TRY(refs_list(c, catalog, kind, LOOKED_AT, n, &some));
		for (size_t i = 0; i < some.count && !page.more; i++)
			if (access_shows(r, catalog, some.at[i].name) &&
			    shown_page_takes(&page))
				at[page.count - 1] = some.at[i];
	}
	*ret = (struct ref_list){ at, page.count, page.more };
	return OK;
}

enum err
query_id(struct request *r, const char *name, struct id *ret)
{
	struct str text;

	*ret = (struct id){ 0 };
	TRY(request_query(r, name, &text));
	if (text.ptr != NULL && !id_parse(text, ret))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "%s: expected a UUID, not '" STR_FMT "'", name,
		    STR_ARG(text));
	return OK;
}

enum err
spec_read(
    struct request *r, const char *field, struct str text, struct ref_spec *ret)
{
	struct error why = { 0 };

	*ret = (struct ref_spec){ 0 };
	if (text.len == 0)
		return OK;
	if (ref_spec_parse(text, ret, &why) != OK)
		return fail(&r->error, why.code, "%s: %s", field, why.message);
	return OK;
}

struct str
kind_word(int kind)
{
	if (kind == KIND_NAMESPACE)
		return STR("namespace");
	return kind == KIND_TABLE ? STR("table") : STR("view");
}

struct str
metadata_file(const struct version *v)
{
	return version_is_live(v) && v->kind != KIND_NAMESPACE
		   ? v->location
		   : (struct str){ 0 };
}

struct form_texts
levels_in(struct arena *a, struct str path)
{
	static const struct str none = STR_INIT("");

	return path.len != 0 ? levels_of(a, path)
			     : (struct form_texts){ &none, 0 };
}

enum err
ref_author_read(struct request *r, struct ref_author *ret)
{
	*ret = (struct ref_author){ .id = r->principal->id,
		.name = r->principal->username,
		.key = r->idempotency };
	return commit_message_read(r, &ret->message);
}
