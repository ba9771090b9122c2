/* object.c - locations, and the scheme that serves each. */
#include "object/object.h"

#include "calls/bulkheads.h"
#include "calls/usage.h"
#include "object/file.h"
#include "object/s3.h"
#include "object/s3_clients.h"

static enum err
delete_first_file(
    struct call *c, struct object_deletion *of, size_t count, size_t *ret_done)
{
	(void)count;
	*ret_done = 1;
	return file_delete(c, of->location);
}

static const struct storage {
	enum bulkhead bulkhead;
	struct str (*path)(struct str location);
	enum err (*read)(struct call *, struct str, size_t most, struct str *);
	enum err (*exists)(struct call *, struct str, bool *);
	enum err (*create)(struct call *, struct str, struct str);
	enum err (*delete)(struct call *, struct str);
	enum err (*delete_first)(
	    struct call *, struct object_deletion *, size_t, size_t *ret_done);
	enum err (*clear)(struct call *, struct str, size_t *io_most, bool *);
} files = { BULKHEAD_OBJECT, file_path, file_read, file_exists, file_create,
	file_delete, delete_first_file, file_clear },
  buckets = { BULKHEAD_S3, s3_path, s3_read, s3_exists, s3_create_at,
	  s3_delete_at, s3_delete_first, s3_clear };

static const struct storage *
storage_of(struct str location)
{
	if (str_starts_with(location, STR("file:")))
		return &files;
	return s3_is_location(location) ? &buckets : NULL;
}

static enum err
no_scheme(struct str location, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    "No storage serves the location " STR_FMT
	    ": this release knows file: and s3:",
	    STR_ARG(location));
}

static bool
has_control_character(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
			return true;
	return false;
}

/* "file://host/a" is a file of another machine (RFC 8089). */
static bool
names_a_host(struct str location)
{
	return str_starts_with(location, STR("file://")) &&
	       !str_starts_with(location, STR("file:///")) &&
	       !str_starts_with(location, STR("file://localhost/"));
}

/* The next character, for readers that decode "%2e". */
static char
take_decoded(struct str *rest)
{
	bool escaped = rest->len >= 3 && rest->ptr[0] == '%';
	int high = escaped ? str_hex_digit(rest->ptr[1]) : -1;
	int low = escaped ? str_hex_digit(rest->ptr[2]) : -1;
	char c = rest->ptr[0];

	if (high >= 0 && low >= 0)
		c = (char)(high << 4 | low);
	*rest = str_skip(*rest, high >= 0 && low >= 0 ? 3 : 1);
	return c;
}

/* Not one name to everybody: clients decode escapes, some take a backslash for
 * a slash, or drop blanks at the end. */
static bool
is_another_name(struct str segment)
{
	size_t dots = 0, others = 0;
	char c = ' ';

	while (segment.len != 0) {
		c = take_decoded(&segment);
		if (c == '/' || c == '\\') {
			if (others == 0 && dots <= 2)
				return true;
			dots = others = 0;
		} else if (c == '.') {
			dots++;
		} else {
			others++;
		}
	}
	return c == ' ' || (others == 0 && dots <= 2);
}

static enum err
path_check(const struct storage *s, struct str location, struct error *e)
{
	struct str path = s->path(location);

	if (s == &buckets && !s3_path_has_bucket(path))
		return fail(e, ERR_BAD_REQUEST,
		    "Location does not begin with s3:// and the name of a "
		    "bucket: " STR_FMT,
		    STR_ARG(location));
	if (s == &files &&
	    (path.len < 2 || *path.ptr != '/' || names_a_host(location)))
		return fail(e, ERR_BAD_REQUEST,
		    "Location is not absolute: " STR_FMT, STR_ARG(location));
	return OK;
}

enum err
object_location_check(struct str location, struct error *e)
{
	const struct storage *s = storage_of(location);

	if (s == NULL)
		return no_scheme(location, e);

	struct str path = s->path(location), rest = path;

	TRY(path_check(s, location, e));
	if (has_control_character(location) || !str_is_utf8(location) ||
	    memchr(path.ptr, '?', path.len) != NULL ||
	    memchr(path.ptr, '\\', path.len) != NULL ||
	    memchr(path.ptr, '#', path.len) != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Location has a character that none may have");
	(void)str_cut(&rest, '/');
	if (s == &buckets)
		(void)str_cut(&rest, '/');
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		if (is_another_name(segment))
			return fail(e, ERR_BAD_REQUEST,
			    "Location has a segment that is empty, \".\" or "
			    "\"..\", or ends with a blank: " STR_FMT,
			    STR_ARG(location));
	}
	return OK;
}

struct str
object_path(struct str location)
{
	const struct storage *s = storage_of(location);
	struct str path = s != NULL ? s->path(location) : location;

	while (str_ends_with(path, STR("/")))
		path.len--;
	return path;
}

struct str
object_location_at(struct arena *a, struct str path)
{
	bool has_bucket = str_starts_with(path, STR("//"));

	return arena_printf(
	    a, "%s" STR_FMT, has_bucket ? "s3:" : "file://", STR_ARG(path));
}

bool
object_location_is_below(struct str location, struct str root)
{
	const struct storage *s = storage_of(location);

	if (s == NULL || s != storage_of(root))
		return false;
	location = s->path(location);
	root = s->path(root);
	return str_starts_with(location, root) && location.len > root.len &&
	       location.ptr[root.len] == '/';
}

/* ---- calls */

/* A call on the event loop does not wait for a network. */
static enum err
enter(struct call *c, const struct storage *s, struct str location,
    uint64_t *ret_bucket)
{
	*ret_bucket = 0;
	if (s != &buckets)
		return bulkhead_enter(c, s->bulkhead);
	if (c->nowait)
		return usage_would_block(c, "An object store is waited for.");
	TRY(s3_clients_bucket(c, location, ret_bucket));
	return bucket_enter(c, *ret_bucket);
}

static enum err
enter_write(struct call *c, const struct storage *s, struct str location,
    uint64_t *ret_bucket)
{
	*ret_bucket = 0;
	if (s != &buckets)
		return bulkhead_enter_write(c, s->bulkhead);
	if (c->nowait)
		return usage_would_block(c, "An object store is waited for.");
	TRY(s3_clients_bucket(c, location, ret_bucket));
	return bucket_enter_write(c, *ret_bucket);
}

static enum err
leave(struct call *c, const struct storage *s, uint64_t bucket, enum err err)
{
	return s == &buckets ? bucket_leave(c, bucket, err)
			     : bulkhead_leave(c, s->bulkhead, err);
}

enum err
object_read_most(
    struct call *c, struct str location, size_t most, struct str *ret)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(enter(c, s, location, &bucket));
	return leave(c, s, bucket, s->read(c, location, most, ret));
}

enum err
object_read(struct call *c, struct str location, struct str *ret)
{
	return object_read_most(c, location, OBJECT_SIZE_MAX, ret);
}

enum err
object_exists(struct call *c, struct str location, bool *ret)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(enter(c, s, location, &bucket));
	return leave(c, s, bucket, s->exists(c, location, ret));
}

bool
object_is_remote(struct str location)
{
	return storage_of(location) == &buckets;
}

enum err
object_seems_there(struct call *c, struct str location, bool *ret)
{
	if (!object_is_remote(location))
		return object_exists(c, location, ret);
	*ret = true;
	return OK;
}

enum err
object_create(struct call *c, struct str location, struct str bytes)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(arena_check(c->arena, c->error));
	TRY(enter_write(c, s, location, &bucket));
	return leave(c, s, bucket, s->create(c, location, bytes));
}

enum err
object_presign(
    struct call *c, struct str location, int64_t seconds, struct str *ret)
{
	if (!object_is_remote(location))
		return fail(c->error, ERR_BAD_REQUEST,
		    "The file is not in S3, so it has no URL: " STR_FMT,
		    STR_ARG(location));
	if (c->nowait)
		return usage_would_block(c, "A client may have to be made.");
	return s3_presign_at(c, location, seconds, ret);
}

enum err
object_delete(struct call *c, struct str location)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(enter_write(c, s, location, &bucket));
	return leave(c, s, bucket, s->delete (c, location));
}

static enum err
delete_first(
    struct call *c, struct object_deletion *of, size_t count, size_t *ret_done)
{
	const struct storage *s = storage_of(of->location);
	uint64_t bucket;

	*ret_done = 1;
	if (s == NULL)
		return no_scheme(of->location, c->error);
	TRY(enter_write(c, s, of->location, &bucket));
	return leave(c, s, bucket, s->delete_first(c, of, count, ret_done));
}

enum err
object_delete_each(struct call *c, struct object_deletion *of, size_t count)
{
	struct error why;
	struct call quiet = *c;
	enum err err;

	quiet.error = &why;
	for (size_t i = 0, done; i < count; i += done) {
		of[i].refusal = (struct str){ 0 };
		err = delete_first(&quiet, of + i, count - i, &done);
		if (err == ERR_UNAVAILABLE || err == ERR_SLOW_DOWN ||
		    err == ERR_WOULD_BLOCK)
			return fail(c->error, err, "%s", why.message);
		if (err != OK && err != ERR_NOT_FOUND)
			of[i].refusal =
			    arena_copy(c->arena, str_from(why.message));
	}
	return OK;
}

enum err
object_prepare_table(struct call *c, struct str location)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	if (s == &buckets)
		return OK; /* they have no directories */
	TRY(enter_write(c, s, location, &bucket));
	return leave(c, s, bucket, file_prepare_table(c, location));
}

enum err
object_clear(
    struct call *c, struct str location, size_t *io_most, bool *ret_empty)
{
	const struct storage *s = storage_of(location);
	uint64_t bucket;

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(enter_write(c, s, location, &bucket));
	return leave(c, s, bucket, s->clear(c, location, io_most, ret_empty));
}
