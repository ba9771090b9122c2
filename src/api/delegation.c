#include "api/delegation.h"

#include "api/access.h"
#include "api/form_body.h"
#include "api/links.h"
#include "api/staged_place.h"
#include "api/target_access.h"
#include "catalog/location_claims.h"
#include "catalog/relations.h"
#include "catalog/warehouse_storage.h"
#include "object/sigv4.h"

struct asked {
	bool vended, signing;
};

static struct asked
asked_by(const struct request *r)
{
	struct str rest = request_header(r, STR("X-Iceberg-Access-Delegation"));
	struct asked asked = { 0 };

	while (rest.len != 0) {
		struct str one = str_trim(str_cut(&rest, ','));

		asked.vended |= str_eq_nocase(one, STR("vended-credentials"));
		asked.signing |= str_eq_nocase(one, STR("remote-signing"));
	}
	return asked;
}

/* The past is nobody's to write, and a protected branch changes by merges. */
static bool
may_write(const struct request *r, const struct branch *branch)
{
	return !branch->is_history && !branch->is_protected && access_writes(r);
}

/* Directories of files begin with one slash. */
static bool
is_in_bucket(const struct branch *branch, struct str paths)
{
	return branch->catalog.warehouse.ptr != NULL &&
	       str_starts_with(paths, STR("//"));
}

/* False: the table is in no bucket.  Paths that the catalog has lost go. */
static enum err
find_warehouse(struct call *c, const struct branch *branch,
    struct str *io_paths, struct warehouse *ret, bool *ret_any)
{
	const struct catalog *named = &branch->catalog;
	struct catalog catalog;

	*ret_any = is_in_bucket(branch, *io_paths);
	if (!*ret_any)
		return OK;
	TRY(catalogs_get(c, named->tenant, named->name, &catalog));
	*io_paths = location_claims_held(c->arena, &catalog, *io_paths);
	return warehouses_get(c, named->tenant, named->warehouse, ret);
}

enum err
delegation_credentials(struct request *r, struct call *c,
    const struct branch *branch, struct str paths, struct vended *ret)
{
	struct vending_wish wish = { paths, may_write(r, branch),
		branch->catalog.is_shared };
	struct warehouse w;
	bool any;

	*ret = (struct vended){ 0 };
	TRY(find_warehouse(c, branch, &wish.paths, &w, &any));
	return any ? vending_credentials(c, &w, &wish, ret) : OK;
}

/* A warehouse may give credentials to clients that ask for nothing.  Every load
 * in a bucket looks here. */
static enum err
look_at_default(struct call *c, const struct branch *branch, struct str paths,
    struct asked *io)
{
	if (io->vended || io->signing || !is_in_bucket(branch, paths))
		return OK;
	return warehouse_vends_by_default(
	    c, branch->catalog.tenant, branch->catalog.warehouse, &io->vended);
}

/* ---- the end of an answer */

/* "v1/sales/namespaces/n/tables/t": the path of the request that loads it. */
static struct str
path_of_table(struct request *r, struct ident ident)
{
	struct str path = str_skip(r->path, 1);
	struct str parent = STR("/register");
	struct buf b = buf_in(r->arena);

	if (r->route->method == METHOD_GET)
		return path;
	if (str_ends_with(path, parent)) {
		path.len -= parent.len;
		buf_add(&b, path);
		buf_add(&b, STR("/tables"));
	} else {
		buf_add(&b, path);
	}
	buf_add_char(&b, '/');
	sigv4_encode(&b, ident.name, false);
	return buf_str(&b);
}

struct properties {
	struct request *request;
	struct pairs pairs;
};

#define MORE_MAX 6

static struct properties
more_of(struct request *r, struct pairs config)
{
	struct pairs all = { ARENA_NEW(r->arena, struct pair,
				 config.count + MORE_MAX),
		config.count };

	if (config.count != 0)
		memcpy(all.at, config.at, config.count * sizeof(*config.at));
	return (struct properties){ r, all };
}

static void
give(struct properties *to, const char *name, struct str value)
{
	if (value.ptr != NULL)
		to->pairs.at[to->pairs.count++] =
		    (struct pair){ str_from(name), value };
}

static void
add_storage_credentials(
    struct buf *b, const struct vended *vended, struct str config)
{
	buf_add(b, STR(",\"storage-credentials\":[{\"prefix\":"));
	buf_add_json(b, vended->prefix);
	buf_add(b, STR(",\"config\":"));
	buf_add(b, config);
	buf_add(b, STR("}]"));
}

enum err
delegation_add(struct request *r, struct call *c, const struct branch *branch,
    struct str paths, struct buf *b)
{
	struct asked asked = asked_by(r);
	struct vended vended;

	TRY(look_at_default(c, branch, paths, &asked));
	if (!asked.vended || paths.ptr == NULL)
		return OK;
	TRY(delegation_credentials(r, c, branch, paths, &vended));
	if (vended.prefix.ptr == NULL)
		return OK;
	reply_no_store(r);
	add_storage_credentials(
	    b, &vended, json_of_pairs(r->arena, vended.config));
	return OK;
}

/* Java asks there before a session ends. */
static struct str
vended_end(struct request *r, struct ident ident, const struct vended *vended)
{
	struct properties all = more_of(r, vended->config);
	struct buf b = buf_in(r->arena);
	struct str config;

	give(&all, "client.refresh-credentials-endpoint",
	    arena_printf(r->arena, STR_FMT "/credentials",
		STR_ARG(path_of_table(r, ident))));
	config = json_of_pairs(r->arena, all.pairs);
	buf_add(&b, STR(",\"config\":"));
	buf_add(&b, config);
	add_storage_credentials(&b, vended, config);
	buf_add_char(&b, '}');
	reply_no_store(r);
	return buf_str(&b);
}

/* Properties that a client brings back with each request that it wants signed,
 * whatever the address. */
static struct str
signing_config(struct arena *a, struct str staged)
{
	struct pair property = { STR(STAGED_PLACE), staged };

	if (staged.len == 0)
		return STR("");
	return arena_printf(a,
	    ",\"remote-signing-config\":{\"properties\":" STR_FMT "}",
	    STR_ARG(json_of_pairs(a, (struct pairs){ &property, 1 })));
}

/* Both names of each: Java's newest are without "s3.".  Without a URI clients
 * take that of the catalog. */
static struct str
signed_end(struct request *r, struct ident ident, const struct vended *place,
    struct str staged)
{
	struct properties all = more_of(r, place->config);
	struct str endpoint = arena_printf(r->arena, STR_FMT "/sign%s" STR_FMT,
	    STR_ARG(path_of_table(r, ident)),
	    staged.len != 0 ? "?" STAGED_PLACE "=" : "", STR_ARG(staged));

	give(&all, "s3.remote-signing-enabled", STR("true"));
	give(&all, "s3.signer", STR("S3V4RestSigner"));
	give(&all, "s3.signer.uri", link_base(r));
	give(&all, "signer.uri", link_base(r));
	give(&all, "s3.signer.endpoint", endpoint);
	give(&all, "signer.endpoint", endpoint);
	return arena_printf(r->arena, ",\"config\":" STR_FMT STR_FMT "}",
	    STR_ARG(json_of_pairs(r->arena, all.pairs)),
	    STR_ARG(signing_config(r->arena, staged)));
}

static enum err
find_paths(struct call *c, const struct branch *branch, struct ident ident,
    struct str *io_paths)
{
	struct version found;

	if (io_paths->ptr != NULL)
		return OK;
	TRY(relation_get(c, branch, KIND_TABLE, ident, &found));
	*io_paths = found.body;
	return OK;
}

static enum err
sign_tail(struct request *r, struct call *c, const struct branch *branch,
    struct ident ident, struct str paths, bool is_staged, struct str *ret)
{
	struct vending_wish wish = { .paths = paths };
	struct str staged = { 0 };
	struct vended place;
	struct warehouse w;
	bool any;

	TRY(find_warehouse(c, branch, &wish.paths, &w, &any));
	if (!any)
		return OK;
	TRY(vending_place(c, &w, &wish, &place));
	if (is_staged)
		staged = staged_place_write(r, branch, ident, paths);
	if (place.prefix.ptr != NULL)
		*ret = signed_end(r, ident, &place, staged);
	return OK;
}

enum err
delegation_tail(struct request *r, struct call *c, const struct branch *branch,
    struct ident ident, struct str paths, bool is_staged, struct str *ret)
{
	struct asked asked = asked_by(r);
	struct vended vended;

	*ret = (struct str){ 0 };
	TRY(find_paths(c, branch, ident, &paths));
	TRY(look_at_default(c, branch, paths, &asked));
	if (!asked.vended && !asked.signing)
		return OK;
	if (asked.vended) {
		TRY(delegation_credentials(r, c, branch, paths, &vended));
		if (vended.prefix.ptr != NULL) {
			*ret = vended_end(r, ident, &vended);
			return OK;
		}
	}
	return asked.signing
		   ? sign_tail(r, c, branch, ident, paths, is_staged, ret)
		   : OK;
}
