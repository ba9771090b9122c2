#include "api/delegation.h"

#include "api/access.h"
#include "api/forms_credentials.h"
#include "api/steps.h"
#include "catalog/relations.h"
#include "identity/authorize.h"

static bool
is_asked(const struct request *r)
{
	struct str rest = request_header(r, STR("X-Iceberg-Access-Delegation"));

	while (rest.len != 0)
		if (str_eq_nocase(str_trim(str_cut(&rest, ',')),
			STR("vended-credentials")))
			return true;
	return false;
}

/* The past is nobody's to write. */
static bool
may_write(const struct request *r, const struct branch *branch)
{
	struct error ignored;

	return !branch->is_history &&
	       authorize(r->principal, ACTION_TABLE_WRITE, &ignored) == OK;
}

enum err
delegation_credentials(struct request *r, struct call *c,
    const struct branch *branch, struct str paths, struct vended *ret)
{
	const struct vending_wish wish = { paths, may_write(r, branch) };
	struct warehouse w;

	*ret = (struct vended){ 0 };
	/* directories of files begin with one slash */
	if (branch->catalog.warehouse.ptr == NULL ||
	    !str_starts_with(paths, STR("//")))
		return OK;
	TRY(warehouses_get(
	    c, branch->catalog.tenant, branch->catalog.warehouse, &w));
	return vending_credentials(c, &w, &wish, ret);
}

/* Java asks there before a session ends; of a load it is the path itself. */
static struct pairs
with_refresh(struct request *r, struct pairs config)
{
	struct pairs all = { ARENA_NEW(r->arena, struct pair, config.count + 1),
		config.count };
	bool is_load = r->route->method == METHOD_GET;

	if (config.count != 0)
		memcpy(all.at, config.at, config.count * sizeof(*config.at));
	if (is_load && str_starts_with(r->path, STR("/")))
		all.at[all.count++] =
		    (struct pair){ STR("client.refresh-credentials-endpoint"),
			    arena_printf(r->arena, STR_FMT "/credentials",
				STR_ARG(str_skip(r->path, 1))) };
	return all;
}

enum err
delegation_tail(struct request *r, struct call *c, const struct branch *branch,
    struct ident ident, struct str paths, struct str *ret)
{
	struct buf b = buf_in(r->arena);
	struct version found;
	struct vended vended;

	*ret = (struct str){ 0 };
	if (!is_asked(r))
		return OK;
	if (paths.ptr == NULL) {
		TRY(relation_get(c, branch, KIND_TABLE, ident, &found));
		paths = found.body;
	}
	TRY(delegation_credentials(r, c, branch, paths, &vended));
	if (vended.prefix.ptr == NULL)
		return OK;

	struct str config =
	    json_of_pairs(r->arena, with_refresh(r, vended.config));

	buf_add(&b, STR(",\"config\":"));
	buf_add(&b, config);
	buf_add(&b, STR(",\"storage-credentials\":[{\"prefix\":"));
	buf_add_json(&b, vended.prefix);
	buf_add(&b, STR(",\"config\":"));
	buf_add(&b, config);
	buf_add(&b, STR("}]}"));
	reply_no_store(r);
	*ret = buf_str(&b);
	return OK;
}
