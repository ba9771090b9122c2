#include "api/target_of.h"

#include "config/settings.h"
#include "http/router.h"
#include "identity/principal.h"
#include "record/app.h"

enum err
target_branch(struct request *r, struct call *ret_call, struct branch *ret)
{
	*ret_call = request_call(r);
	if (method_is_safe(r->method))
		return branch_open_to_read(
		    ret_call, request_tenant(r), r->arg[ARG_PREFIX], ret);
	TRY(branch_open(ret_call, request_tenant(r), r->arg[ARG_PREFIX],
	    r->principal->username, ret));
	ret->committer = r->app->committer;
	ret->once = r->once;
	ret->limits = &r->app->settings->limits;
	return OK;
}

enum err
target_namespace(struct request *r, struct str *ret_path)
{
	*ret_path = r->arg[ARG_NAMESPACE];
	return path_check(*ret_path, &r->error);
}

enum err
target_relation(struct request *r, enum kind kind, struct ident *ret)
{
	TRY(target_namespace(r, &ret->ns));
	ret->name = r->arg[ARG_RELATION];
	return relation_name_check(ret->name, kind_title(kind), &r->error);
}

enum err
target_identifier(struct request *r, enum kind kind,
    const struct table_identifier *from, struct ident *ret)
{
	TRY(path_of_levels(r->arena, from->namespace.at, from->namespace.count,
	    &ret->ns, &r->error));
	ret->name = from->name;
	return relation_name_check(ret->name, kind_title(kind), &r->error);
}

struct form_texts
levels_of(struct arena *a, struct str path)
{
	size_t count = 1, n = 0;

	for (size_t i = 0; i < path.len; i++)
		count += path.ptr[i] == LEVEL_SEPARATOR;

	struct str *levels = ARENA_NEW(a, struct str, count);

	while (path.ptr != NULL)
		levels[n++] = str_cut(&path, LEVEL_SEPARATOR);
	return (struct form_texts){ levels, n };
}
