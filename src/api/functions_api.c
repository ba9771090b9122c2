/*
 * functions_api.c - the routes of the Iceberg REST spec that are about
 * functions.  It only reads them, and nothing here stores any: a namespace has
 * none.
 */
#include "api/form_body.h"
#include "api/forms_functions.h"
#include "api/handlers.h"
#include "api/paging.h"
#include "api/request_target.h"
#include "catalog/namespaces.h"

/* {namespace}, which must be there. */
static enum err
read_target(struct request *r, struct branch *ret_branch, struct str *ret_ns)
{
	struct namespace namespace;
	struct call call;

	TRY(target_namespace(r, &call, ret_branch, ret_ns));
	return namespaces_get(&call, ret_branch, *ret_ns, &namespace);
}

enum err
functions_list_get(struct request *r)
{
	const struct function_list_answer none = { 0 };
	struct branch branch;
	struct paging paging;
	struct str ns;

	TRY(read_target(r, &branch, &ns));

	const struct listed listed = { branch.id, "Function", ns };

	TRY(paging_read(r, &listed, &paging));
	reply_form(r, &form_function_list, &none);
	return OK;
}

enum err
function_get(struct request *r)
{
	struct branch branch;
	struct ident ident = { .name = r->arg[ARG_RELATION] };

	TRY(read_target(r, &branch, &ident.ns));
	TRY(name_check(ident.name, "Function", &r->error));

	struct str shown = ident_shown(r->arena, ident);

	return fail(&r->error, ERR_NO_SUCH_FUNCTION,
	    "Function does not exist: " STR_FMT, STR_ARG(shown));
}
