#include "object/s3.h"

#include "object/object.h"
#include "object/s3_clients.h"
#include "object/s3_deletion.h"

/* ---- locations */
static struct str
after_scheme(struct str location)
{
	static const struct str schemes[] = { STR_INIT("s3:"), STR_INIT("s3a:"),
		STR_INIT("s3n:") };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts_with(location, schemes[i]))
			return str_skip(location, schemes[i].len);
	return (struct str){ 0 };
}

bool
s3_is_location(struct str location)
{
	return after_scheme(location).ptr != NULL;
}

struct str
s3_path(struct str location)
{
	return after_scheme(location);
}

static bool
is_of_a_bucket(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool
s3_path_has_bucket(struct str path)
{
	struct str bucket;

	if (!str_starts_with(path, STR("//")))
		return false;
	path = str_skip(path, STR("//").len);
	bucket = str_cut(&path, '/');
	for (size_t i = 0; i < bucket.len; i++)
		if (!is_of_a_bucket(bucket.ptr[i]))
			return false;
	return bucket.len >= 3 && bucket.len <= 63;
}

/* ---- objects */

/* A client, when the call may wait for one. */
static enum err
take(struct call *c, struct str location, struct s3_loan *ret)
{
	TRY(object_location_check(location, c->error));
	return s3_clients_take(c, location, ret);
}

static enum err
give_back(const struct s3_loan *loan, enum err err)
{
	s3_clients_give_back(
	    loan, err != ERR_UNAVAILABLE && err != ERR_SLOW_DOWN);
	return err;
}

/* The sentence of the reference implementation, as for a file. */
enum err
s3_read(struct call *c, struct str location, size_t most, struct str *ret)
{
	const struct s3_range whole = { 0, 0 };
	struct s3_loan loan;
	enum err err;

	TRY(take(c, location, &loan));
	err = give_back(
	    &loan, s3_get(loan.client, c, loan.key, whole, most, ret));
	if (err != ERR_NOT_FOUND)
		return err;
	return fail(c->error, ERR_NOT_FOUND,
	    "Failed to open input stream for file: " STR_FMT,
	    STR_ARG(location));
}

enum err
s3_exists(struct call *c, struct str location, bool *ret)
{
	struct s3_loan loan;
	struct s3_head head;
	enum err err;

	TRY(take(c, location, &loan));
	err = give_back(&loan, s3_head(loan.client, c, loan.key, &head));
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	*ret = err == OK;
	return OK;
}

/* An object that is written cannot be missing: 404 is about the bucket. */
static enum err
not_missing(struct call *c, enum err err)
{
	struct error why = *c->error;

	if (err != ERR_NOT_FOUND)
		return err;
	return fail(c->error, ERR_UNAVAILABLE, "%s", why.message);
}

enum err
s3_create_at(struct call *c, struct str location, struct str bytes)
{
	struct s3_loan loan;

	TRY(take(c, location, &loan));
	return not_missing(
	    c, give_back(&loan, s3_create(loan.client, c, loan.key, bytes)));
}

enum err
s3_presign_at(
    struct call *c, struct str location, int64_t seconds, struct str *ret)
{
	struct s3_loan loan;

	TRY(take(c, location, &loan));
	return give_back(
	    &loan, s3_presign(loan.client, c, "GET", loan.key, seconds, ret));
}

enum err
s3_delete_at(struct call *c, struct str location)
{
	struct s3_loan loan;

	TRY(take(c, location, &loan));
	return give_back(&loan, s3_delete(loan.client, c, loan.key));
}

/* ---- many objects */

/* The keys of the first objects that the loan's client has; `of` may begin with
 * what no request names. */
static size_t
gather(const struct s3_loan *loan, struct call *c,
    const struct object_deletion *of, size_t count, struct str *ret_keys)
{
	size_t most = count < S3_DELETE_MAX ? count : S3_DELETE_MAX, n = 0;
	struct error ignored;

	while (n < most &&
	       object_location_check(of[n].location, &ignored) == OK &&
	       s3_clients_same(loan, c, of[n].location, &ret_keys[n]) &&
	       ret_keys[n].len <= S3_KEY_MAX)
		n++;
	return n;
}

static enum err
delete_gathered(const struct s3_loan *loan, struct call *c,
    const struct str *keys, struct object_deletion *of, size_t count)
{
	struct s3_outcome *outcomes =
	    ARENA_NEW(c->arena, struct s3_outcome, count);

	TRY(s3_delete_each(loan->client, c, keys, count, outcomes));
	for (size_t i = 0; i < count; i++)
		of[i].refusal = outcomes[i].code;
	return OK;
}

enum err
s3_delete_first(
    struct call *c, struct object_deletion *of, size_t count, size_t *ret_done)
{
	struct str *keys = ARENA_NEW(c->arena, struct str, count);
	struct s3_loan loan;

	*ret_done = 1;
	TRY(take(c, of->location, &loan));

	size_t n = gather(&loan, c, of, count, keys);

	if (n == 0)
		return give_back(&loan, s3_delete(loan.client, c, loan.key));
	*ret_done = n;
	return give_back(&loan, delete_gathered(&loan, c, keys, of, n));
}

/* ---- what is below a location */

/* A key with a control character cannot be named in a delete of many. */
static bool
is_plain(struct str key)
{
	for (size_t i = 0; i < key.len; i++)
		if ((unsigned char)key.ptr[i] < ' ')
			return false;
	return true;
}

/* A server that lists another key than those it was asked for is wrong. */
static enum err
delete_page(const struct s3_loan *loan, struct call *c, struct str prefix,
    const struct s3_page *page)
{
	struct str *keys = ARENA_NEW(c->arena, struct str, page->count);
	size_t count = 0;

	for (size_t i = 0; i < page->count; i++) {
		struct str key = page->at[i].key;

		if (!str_starts_with(key, prefix))
			return fail(c->error, ERR_UNAVAILABLE,
			    "The object store lists " STR_FMT
			    ", which is not below " STR_FMT
			    ": nothing is deleted",
			    STR_ARG(key), STR_ARG(prefix));
		if (is_plain(key))
			keys[count++] = key;
		else
			TRY(s3_delete(loan->client, c, key));
	}
	return s3_delete_many(loan->client, c, keys, count);
}

/* The first keys below the prefix; with 0 to delete one is looked for. */
static enum err
clear(const struct s3_loan *loan, struct call *c, struct str prefix,
    size_t *io_most, bool *ret_empty)
{
	struct arena_mark before = arena_mark(c->arena);
	struct s3_page page;

	for (*ret_empty = false;; arena_cut(c->arena, before)) {
		size_t most =
		    *io_most < S3_DELETE_MAX ? *io_most : S3_DELETE_MAX;

		TRY(s3_list(loan->client, c, prefix, (struct str){ 0 },
		    most != 0 ? most : 1, &page));
		*ret_empty = page.count == 0;
		if (*ret_empty || most == 0)
			return OK;
		TRY(delete_page(loan, c, prefix, &page));
		*io_most -= page.count;
		*ret_empty = page.next.ptr == NULL;
		if (*ret_empty)
			return OK;
	}
}

enum err
s3_clear(struct call *c, struct str location, size_t *io_most, bool *ret_empty)
{
	struct s3_loan loan;
	struct str prefix;

	TRY(take(c, location, &loan));
	prefix = arena_printf(c->arena, STR_FMT "%s", STR_ARG(loan.key),
	    loan.key.len != 0 ? "/" : "");
	return give_back(&loan, clear(&loan, c, prefix, io_most, ret_empty));
}
