#include "api/asset_target.h"

#include "api/access.h"
#include "api/grant_bodies.h"
#include "api/target_access.h"

/* The object of a name that is there; else only what is around it counts. */
static enum err
read_asset(struct request *r, struct call *c, const struct branch *b,
    struct grant_target *io)
{
	struct version found;
	struct str name;
	struct key key;

	TRY(request_query(r, "asset", &name));
	if (name.ptr == NULL)
		return OK;
	if (io->ns.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "asset: name its namespace, too");
	key = ident_key((struct ident){ io->ns, name });
	TRY(branch_read(c, b, &key, 1, &found));
	if (version_is_live(&found))
		io->object = found.object;
	return OK;
}

enum err
query_asset(struct request *r, struct call *c, struct grant_target *ret)
{
	struct str address, namespace;
	struct branch branch;

	*ret = (struct grant_target){ 0 };
	TRY(request_query(r, "catalog", &address));
	TRY(request_query(r, "namespace", &namespace));
	if (address.ptr == NULL)
		return namespace.ptr == NULL
			   ? OK
			   : fail(&r->error, ERR_BAD_REQUEST,
				 "namespace: name its catalog, too");
	TRY(branch_open_to_read(c, request_tenant(r), address, &branch));
	ret->catalog = branch.catalog.id;
	ret->ref = access_ref_of(&branch);
	if (namespace.len != 0)
		TRY(namespace_of_text(r, "namespace", namespace, &ret->ns));
	return read_asset(r, c, &branch, ret);
}
