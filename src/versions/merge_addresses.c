#include "versions/merge_addresses.h"

enum err
merge_address_resolve(struct call *c, const struct catalog *catalog,
    struct str name, struct position *ret)
{
	struct ref_spec spec;

	TRY(ref_spec_parse(name, &spec, c->error));
	return ref_resolve(c, catalog, &spec, ret);
}

/* Behind "~" stands what of the branch is merged. */
static struct str
renamed(struct arena *a, struct str name, struct str now)
{
	struct str rest = name;

	(void)str_cut(&rest, '~');
	if (rest.ptr == NULL)
		return now;
	return arena_printf(
	    a, STR_FMT "~" STR_FMT, STR_ARG(now), STR_ARG(rest));
}

enum err
merge_addresses_now(struct call *c, const struct catalog *catalog,
    const struct merge_operation *op, struct str *ret_source,
    struct str *ret_target)
{
	struct error ignored = { OK, "" };
	struct call quiet = *c;
	struct position source;
	struct ref ref;

	TRY(ref_get_by_id(c, catalog, op->target.branch, &ref));
	if (ref.state != REF_LIVE)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Branch '" STR_FMT "' is deleted",
		    STR_ARG(op->target_name));
	*ret_target = ref.name;
	*ret_source = op->source_name;
	quiet.error = &ignored;
	if (merge_address_resolve(&quiet, catalog, op->source_name, &source) ==
		OK &&
	    (!source.writable || source.ref.id == op->source.branch))
		return OK;
	TRY(ref_get_by_id(c, catalog, op->source.branch, &ref));
	if (ref.state != REF_LIVE)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Branch '" STR_FMT "' is deleted",
		    STR_ARG(op->source_name));
	*ret_source = renamed(c->arena, op->source_name, ref.name);
	return OK;
}
