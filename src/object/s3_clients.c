/*
 * s3_clients.c - a table under one mutex, which nobody holds while a client
 * works, is made or is closed.
 */
#include "object/s3_clients.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "calls/usage.h"
#include "object/s3.h"
#include "object/s3_print.h"
#include "object/s3_request.h"

/* A warehouse that nobody has read for so long may be gone. */
#define REST_US (3600 * CLOCK_SECOND)

/* Calls that only read have the row read again so often: keys change. */
#define LOOK_US (2 * CLOCK_SECOND)

#define STUCK_CALLS 4
#define STUCK_US (5 * CLOCK_SECOND)

struct s3_entry {
	struct id warehouse, tenant;
	int64_t revision;
	unsigned char print[S3_PRINT_BYTES]; /* of the settings */
	char *path;                          /* of the root */
	size_t path_len;
	uint64_t bucket;          /* s3_clients_bucket() */
	struct s3_client *client; /* NULL: `why` says why */
	struct error why;
	unsigned users;    /* the table itself is one */
	int64_t told_us;   /* when its warehouse was last read */
	int64_t looked_us; /* when a call last had it read */
	unsigned calls;    /* that wait for an answer */
	bool is_well;      /* the last call had one */
	int64_t heard_us;  /* when one came, or calls began */
};

static struct {
	pthread_mutex_t lock;
	struct s3_entry *at[S3_ENTRIES_MAX];
	size_t count;
	struct s3_counts closed; /* of clients that are closed */
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct str
path_of(const struct s3_entry *e)
{
	return (struct str){ e->path, e->path_len };
}

/* Under the lock.  True: nobody uses the entry any more. */
static bool
let_go(struct s3_entry *e)
{
	if (--e->users != 0)
		return false;
	if (e->client != NULL) {
		struct s3_counts counts = s3_counts(e->client);

		table.closed.requests += counts.requests;
		table.closed.connections += counts.connections;
	}
	return true;
}

/* ---- filling it */

/* Entries that nobody uses any more, to be closed without the lock. */
struct unused {
	struct s3_entry *at[S3_ENTRIES_MAX + S3_ROOTS_MAX];
	size_t count;
};

static void
take_out(size_t i, struct unused *io)
{
	struct s3_entry *e = table.at[i];

	table.at[i] = table.at[--table.count];
	if (let_go(e))
		io->at[io->count++] = e;
}

/* Another warehouse than that of the entry, which needs room. */
static struct id
longest_at_rest(const struct s3_entry *needs, bool of_tenant)
{
	const struct s3_entry *found = needs;

	for (size_t i = 0; i < table.count; i++) {
		const struct s3_entry *e = table.at[i];

		if (id_eq(e->warehouse, needs->warehouse) ||
		    (of_tenant && !id_eq(e->tenant, needs->tenant)))
			continue;
		if (found == needs || e->told_us < found->told_us)
			found = e;
	}
	return found->warehouse;
}

static void
take_out_all(struct id warehouse, struct unused *io)
{
	for (size_t i = table.count; i-- > 0;)
		if (id_eq(table.at[i]->warehouse, warehouse))
			take_out(i, io);
}

/* Whole warehouses go: by one root that is there all are known. */
static void
put_in(struct s3_entry *e, struct unused *io)
{
	size_t of_tenant = 0;

	for (size_t i = 0; i < table.count; i++)
		of_tenant += id_eq(table.at[i]->tenant, e->tenant);
	if (of_tenant >= S3_TENANT_MAX || table.count == S3_ENTRIES_MAX)
		take_out_all(
		    longest_at_rest(e, of_tenant >= S3_TENANT_MAX), io);
	table.at[table.count++] = e;
}

static struct str
bucket_of(struct str path)
{
	struct str rest = str_skip(path, STR("//").len);

	return str_cut(&rest, '/');
}

static void
open_client(struct s3_entry *e, const struct s3_warehouse *w)
{
	struct s3_settings s;

	if (w->settings == NULL) {
		(void)fail(&e->why, ERR_UNAVAILABLE, "%s", w->why);
		return;
	}
	s = *w->settings;
	s.bucket = bucket_of(path_of(e));
	e->bucket = s3_print_bucket(&s);
	if (s3_client_open(&s, &e->client, &e->why) != OK)
		e->client = NULL;
}

/* NULL: the root is no place in S3. */
static struct s3_entry *
entry_open(const struct s3_warehouse *w, struct str root)
{
	struct str path = s3_path(root);
	struct s3_entry *e;

	if (!s3_is_location(root) || !s3_path_has_bucket(path))
		return NULL;
	e = calloc(1, sizeof(*e));
	if (e == NULL || (e->path = strndup(path.ptr, path.len)) == NULL)
		abort(); /* as an arena does */
	e->path_len = path.len;
	e->warehouse = w->id;
	e->tenant = w->tenant;
	e->revision = w->revision;
	e->users = 1;
	e->is_well = true;
	open_client(e, w);
	s3_print(w, e->print);
	return e;
}

static void
entry_close(struct s3_entry *e)
{
	s3_client_close(e->client);
	free(e->path);
	free(e);
}

/* The entries of a warehouse, whose row was read at `now`: are there any, of
 * this row or a newer one, and with these settings? */
struct known {
	bool any, is_newer, is_same;
};

static struct known
look(struct id warehouse, int64_t revision, const unsigned char *print,
    int64_t now)
{
	struct known known = { 0 };

	for (size_t i = 0; i < table.count; i++) {
		struct s3_entry *e = table.at[i];

		if (!id_eq(e->warehouse, warehouse))
			continue;
		known.any = true;
		known.is_newer |= e->revision >= revision;
		e->told_us = now;
		if (print == NULL ||
		    memcmp(e->print, print, S3_PRINT_BYTES) != 0)
			continue;
		known.is_same = true;
		if (e->revision < revision)
			e->revision = revision;
	}
	return known;
}

bool
s3_clients_have(struct id warehouse, int64_t revision)
{
	int64_t now = clock_mono_us();

	(void)pthread_mutex_lock(&table.lock);

	struct known known = look(warehouse, revision, NULL, now);

	(void)pthread_mutex_unlock(&table.lock);
	return known.is_newer;
}

/* The entries of the warehouse's old row, and those that rested too long. */
static void
take_out_old(struct id warehouse, int64_t now, struct unused *io)
{
	take_out_all(warehouse, io);
	for (size_t i = table.count; i-- > 0;)
		if (table.at[i]->told_us < now - REST_US)
			take_out(i, io);
}

/* The new entries take the place of the old ones, or are closed when another
 * thread was first. */
static void
exchange(const struct s3_warehouse *w, struct s3_entry **new, size_t count,
    struct unused *io)
{
	int64_t now = clock_mono_us();

	(void)pthread_mutex_lock(&table.lock);

	struct known known = count != 0
				 ? look(w->id, w->revision, new[0]->print, now)
				 : (struct known){ 0 };
	bool stays = known.is_newer || known.is_same;

	if (!stays)
		take_out_old(w->id, now, io);
	for (size_t i = 0; i < count; i++) {
		new[i]->told_us = now;
		if (stays)
			io->at[io->count++] = new[i];
		else
			put_in(new[i], io);
	}
	(void)pthread_mutex_unlock(&table.lock);
}

void
s3_clients_set(const struct s3_warehouse *w)
{
	struct s3_entry *new[S3_ROOTS_MAX];
	struct unused unused = { .count = 0 };
	size_t count = 0;

	for (size_t i = 0; i < w->root_count && count < S3_ROOTS_MAX; i++)
		if ((new[count] = entry_open(w, w->roots[i])) != NULL)
			count++;
	exchange(w, new, count, &unused);
	for (size_t i = 0; i < unused.count; i++)
		entry_close(unused.at[i]);
}

/* ---- loans */
static bool
is_at_or_below(struct str path, struct str root)
{
	return str_starts_with(path, root) &&
	       (path.len == root.len || path.ptr[root.len] == '/');
}

/* Of two warehouses with one root that which was read last. */
static bool
is_better(const struct s3_entry *e, const struct s3_entry *than)
{
	if (than == NULL || e->path_len != than->path_len)
		return than == NULL || e->path_len > than->path_len;
	return e->told_us > than->told_us;
}

/* Never another tenant's, whose place the location may be by now. */
static struct s3_entry *
find(struct id tenant, struct str path)
{
	struct s3_entry *found = NULL;

	for (size_t i = 0; i < table.count; i++) {
		struct s3_entry *e = table.at[i];

		if (id_eq(e->tenant, tenant) &&
		    is_at_or_below(path, path_of(e)) && is_better(e, found))
			found = e;
	}
	return found;
}

static struct str
key_of(struct str path)
{
	struct str bucket = bucket_of(path);
	struct str rest = str_skip(path, STR("//").len + bucket.len);

	return rest.len != 0 ? str_skip(rest, 1) : rest;
}

static s3_look *look_for;

void
s3_clients_look_by(s3_look *how)
{
	look_for = how;
}

/* Whether the row should be read: for one call of many. */
static bool
is_to_look(struct id tenant, struct str path, struct id *ret_warehouse)
{
	int64_t now = clock_mono_us(), before = now - LOOK_US;
	struct s3_entry *e;

	(void)pthread_mutex_lock(&table.lock);
	e = find(tenant, path);

	bool is = e == NULL || (e->told_us < before && e->looked_us < before);

	*ret_warehouse = e != NULL ? e->warehouse : (struct id){ { 0 } };
	if (is && e != NULL)
		e->looked_us = now;
	(void)pthread_mutex_unlock(&table.lock);
	return is && look_for != NULL;
}

/* A server that has sent nothing to any of several calls gets no more of them:
 * they would hold the permits of others.  Answers that are long, and come, are
 * no silence. */
static bool
is_stuck(const struct s3_entry *e, int64_t now)
{
	return e->calls >= STUCK_CALLS && now - e->heard_us > STUCK_US &&
	       (e->client == NULL || now - s3_heard_us(e->client) > STUCK_US);
}

static struct s3_entry *
find_and_use(struct id tenant, struct str path, bool *ret_stuck)
{
	int64_t now = clock_mono_us();
	struct s3_entry *e;

	(void)pthread_mutex_lock(&table.lock);
	e = find(tenant, path);
	*ret_stuck = e != NULL && is_stuck(e, now);
	if (e != NULL && !*ret_stuck) {
		if (e->calls++ == 0 && e->is_well)
			e->heard_us = now;
		e->users++;
	}
	(void)pthread_mutex_unlock(&table.lock);
	return e;
}

static enum err
fail_as_stuck(struct call *c, struct str location)
{
	return fail(c->error, ERR_SLOW_DOWN,
	    "The object store of " STR_FMT " does not answer: try again later",
	    STR_ARG(location));
}

enum err
s3_clients_bucket(struct call *c, struct str location, uint64_t *ret)
{
	int64_t now = clock_mono_us();
	struct s3_entry *e;
	bool stuck;

	(void)pthread_mutex_lock(&table.lock);
	e = find(usage_tenant(c), s3_path(location));
	*ret = e != NULL ? e->bucket : 0;
	stuck = e != NULL && is_stuck(e, now);
	(void)pthread_mutex_unlock(&table.lock);
	return stuck ? fail_as_stuck(c, location) : OK;
}

enum err
s3_clients_take(struct call *c, struct str location, struct s3_loan *ret)
{
	const struct id tenant = usage_tenant(c);
	struct str path = s3_path(location);
	struct id warehouse;
	struct s3_entry *e;
	bool stuck;

	if (is_to_look(tenant, path, &warehouse))
		TRY(look_for(c, location, warehouse));
	e = find_and_use(tenant, path, &stuck);
	if (e == NULL)
		return fail(c->error, ERR_UNAVAILABLE,
		    "No warehouse of the tenant has the location " STR_FMT,
		    STR_ARG(location));
	if (stuck)
		return fail_as_stuck(c, location);
	*ret = (struct s3_loan){ e, e->client, key_of(path) };
	if (e->client != NULL)
		return OK;

	enum err err = fail(c->error, ERR_UNAVAILABLE,
	    "The warehouse of " STR_FMT " cannot be used: %s",
	    STR_ARG(location), e->why.message);

	s3_clients_give_back(ret, true);
	return err;
}

bool
s3_clients_same(const struct s3_loan *loan, const struct call *c,
    struct str location, struct str *ret_key)
{
	struct str path = s3_path(location);

	(void)pthread_mutex_lock(&table.lock);

	bool same = find(usage_tenant(c), path) == loan->entry;

	(void)pthread_mutex_unlock(&table.lock);
	*ret_key = key_of(path);
	return same;
}

void
s3_clients_give_back(const struct s3_loan *loan, bool answered)
{
	struct s3_entry *e = loan->entry;

	(void)pthread_mutex_lock(&table.lock);
	e->calls--;
	e->is_well = answered;
	if (answered)
		e->heard_us = clock_mono_us();

	bool unused = let_go(e);

	(void)pthread_mutex_unlock(&table.lock);
	if (unused)
		entry_close(e);
}

int64_t
s3_clients_clock_us(struct id warehouse)
{
	int64_t now = clock_now_us();

	(void)pthread_mutex_lock(&table.lock);
	for (size_t i = 0; i < table.count; i++)
		if (table.at[i]->client != NULL &&
		    id_eq(table.at[i]->warehouse, warehouse))
			now = s3_clock_us(table.at[i]->client);
	(void)pthread_mutex_unlock(&table.lock);
	return now;
}

struct s3_clients_counts
s3_clients_count(void)
{
	(void)pthread_mutex_lock(&table.lock);

	struct s3_clients_counts counts = { .requests = table.closed.requests,
		.connections = table.closed.connections };

	for (size_t i = 0; i < table.count; i++) {
		if (table.at[i]->client == NULL)
			continue;

		struct s3_counts one = s3_counts(table.at[i]->client);

		counts.clients++;
		counts.requests += one.requests;
		counts.connections += one.connections;
	}
	(void)pthread_mutex_unlock(&table.lock);
	return counts;
}
