#include "api/staged_place.h"

#include "api/current_keys.h"
#include "app/app.h"
#include "base/buf.h"
#include "base/clock.h"
#include "catalog/location_claims.h"
#include "catalog/location_owners.h"
#include "identity/seal.h"
#include "object/object.h"

#define LIFE_S 86400

static struct str
about(const struct request *r, const struct branch *branch, struct ident ident)
{
	struct buf b = buf_in(r->arena);

	buf_printf(&b, "staged:%lld:", (long long)branch->id);
	buf_add_json(&b, ident.ns);
	buf_add_json(&b, ident.name);
	return buf_str(&b);
}

struct str
staged_place_write(const struct request *r, const struct branch *branch,
    struct ident ident, struct str path)
{
	struct buf b = buf_in(r->arena);

	buf_add_int(&b, clock_now_us() / CLOCK_SECOND + LIFE_S);
	buf_add_char(&b, '\n');
	buf_add(&b, path);
	return seal(
	    r->arena, r->app->keys, about(r, branch, ident), buf_str(&b));
}

enum err
staged_place_read(struct request *r, struct call *c,
    const struct branch *branch, struct ident ident, struct pairs properties,
    struct str *ret_path)
{
	struct str sealed, text;
	bool is_ours = false;
	int64_t end_s;

	*ret_path = (struct str){ 0 };
	TRY(request_query(r, STAGED_PLACE, &sealed));
	if (sealed.ptr == NULL)
		sealed = pairs_find(properties, STR(STAGED_PLACE));
	if (sealed.ptr != NULL)
		TRY(keys_unseal(
		    r, about(r, branch, ident), sealed, &is_ours, &text));
	if (!is_ours || !str_to_int(str_cut(&text, '\n'), &end_s) ||
	    end_s < clock_now_us() / CLOCK_SECOND)
		return OK;

	struct str location = object_location_at(r->arena, text);
	enum err err = location_claims_check(c, branch, location);

	if (err == OK)
		err = location_owners_check(c, branch, location);
	if (err == OK)
		*ret_path = text;
	return err == ERR_WOULD_BLOCK || err == ERR_UNAVAILABLE ? err : OK;
}
