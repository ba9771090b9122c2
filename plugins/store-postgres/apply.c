/*
 * apply.c - units are applied together: one lock, one statement that judges
 * and writes them all, one COMMIT, in one flush.  Where some write records
 * these go between the statement and the COMMIT, see records.c.
 *
 * That statement sees only what was there before it, so units of one run must
 * not depend on each other: a unit that might begins the next run.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "plugins/contract/check.h"
#include "run.h"
#include "statements.h"

/* ---- what the units of a run have touched, as hashes */
#define TOUCHED_ROOM 4096

struct touched {
	uint64_t at[TOUCHED_ROOM]; /* 0: free */
	size_t count;
};

static uint64_t
hash_bytes(uint64_t sum, struct str s)
{
	return hash_add(hash_add(sum, s.ptr, s.len), "\xFF", 1);
}

static uint64_t
hash_key(const struct key *k)
{
	uint64_t sum = HASH_START ^ (unsigned)k->space;

	return hash_bytes(hash_bytes(sum, k->ns), k->name) | 1;
}

static uint64_t
hash_namespace(struct str ns)
{
	return hash_bytes(HASH_START ^ 0x10000, ns) | 1;
}

static uint64_t
hash_id(const struct id *id)
{
	return hash_bytes(HASH_START ^ 0x20000,
		   (struct str){ (const char *)id->b, 16 }) |
	       1;
}

static bool
has_touched(const struct touched *t, uint64_t hash)
{
	size_t at = (size_t)(hash >> 20) % TOUCHED_ROOM;

	while (t->at[at] != 0 && t->at[at] != hash)
		at = (at + 1) % TOUCHED_ROOM;
	return t->at[at] != 0;
}

static void
touch(struct touched *t, uint64_t hash)
{
	size_t at = (size_t)(hash >> 20) % TOUCHED_ROOM;

	if (t->count >= TOUCHED_ROOM / 2)
		return; /* such a run takes no other unit */
	while (t->at[at] != 0 && t->at[at] != hash)
		at = (at + 1) % TOUCHED_ROOM;
	t->count += t->at[at] == 0;
	t->at[at] = hash;
}

static bool
would_see(const struct touched *t, const struct unit *u)
{
	if (t->count + 2 * u->put_count + 1 >= TOUCHED_ROOM / 2 ||
	    has_touched(t, hash_id(&u->id)))
		return true;
	for (size_t i = 0; i < u->put_count; i++)
		if (has_touched(t, hash_key(&u->puts[i].key)))
			return true;
	for (size_t i = 0; i < u->expect_count; i++) {
		const struct expect *x = &u->expects[i];

		if (has_touched(t, x->op == EXPECT_EMPTY
				       ? hash_namespace(x->key.ns)
				       : hash_key(&x->key)))
			return true;
	}
	return false;
}

static void
touch_all(struct touched *t, const struct unit *u)
{
	touch(t, hash_id(&u->id));
	for (size_t i = 0; i < u->put_count; i++) {
		touch(t, hash_key(&u->puts[i].key));
		touch(t, hash_namespace(u->puts[i].key.ns));
	}
}

/* ---- arguments of the statement */
static struct str
never_null(struct str s)
{
	return s.len != 0 ? s : STR("");
}

static void
add_point(struct array *branch, struct array *seq, struct point at)
{
	static const struct value null = { .type = VALUE_NULL };

	if (at.branch == 0) {
		array_add(branch, &null);
		array_add(seq, &null);
	} else {
		array_add_int(branch, at.branch);
		array_add_int(seq, at.seq);
	}
}

static void
add_units(struct params *p, const struct run *run)
{
	struct array n = array_of(p->arena, VALUE_INT), branch = n, seq = n;
	struct array id = array_of(p->arena, VALUE_ID);
	struct array author = array_of(p->arena, VALUE_TEXT), message = author;
	struct array hash = array_of(p->arena, VALUE_BYTES);

	for (size_t i = 0; i < run->count; i++) {
		const struct unit *u = run->unit[i];

		array_add_int(&n, (int64_t)i);
		array_add_id(&id, u->id);
		array_add_text(&author, u->author);
		array_add_text(&message, u->message);
		array_add_bytes(&hash, u->request_hash);
		add_point(&branch, &seq, u->merged);
	}
	params_add_array(p, &n);
	params_add_array(p, &id);
	params_add_array(p, &author);
	params_add_array(p, &message);
	params_add_array(p, &hash);
	params_add_array(p, &branch);
	params_add_array(p, &seq);
}

static void
add_merge_flags(struct params *p, const struct run *run)
{
	struct array is_merge = array_of(p->arena, VALUE_INT);

	for (size_t i = 0; i < run->count; i++)
		array_add_int(&is_merge, run->unit[i]->is_merge);
	params_add_array(p, &is_merge);
}

struct version_arrays {
	struct array n, space, ns, name, kind, object, location, body, deleted,
	    origin_branch, origin_seq;
};

static void
add_version(struct version_arrays *x, size_t n, const struct version *v)
{
	array_add_int(&x->n, (int64_t)n);
	array_add_int(&x->space, v->key.space);
	array_add_text(&x->ns, never_null(v->key.ns));
	array_add_text(&x->name, v->key.name);
	array_add_int(&x->kind, v->kind);
	array_add_id(&x->object, v->object);
	array_add_text(&x->location, v->location);
	array_add_text(&x->body, v->body);
	array_add_int(&x->deleted, v->deleted);
	add_point(&x->origin_branch, &x->origin_seq, v->origin);
}

static void
add_versions(struct params *p, const struct run *run)
{
	const struct array i = array_of(p->arena, VALUE_INT);
	const struct array t = array_of(p->arena, VALUE_TEXT);
	struct version_arrays x = { i, i, t, t, i, array_of(p->arena, VALUE_ID),
		t, t, i, i, i };

	for (size_t n = 0; n < run->count; n++)
		for (size_t k = 0; k < run->unit[n]->put_count; k++)
			add_version(&x, n, &run->unit[n]->puts[k]);
	params_add_array(p, &x.n);
	params_add_array(p, &x.space);
	params_add_array(p, &x.ns);
	params_add_array(p, &x.name);
	params_add_array(p, &x.kind);
	params_add_array(p, &x.object);
	params_add_array(p, &x.location);
	params_add_array(p, &x.body);
	params_add_array(p, &x.deleted);
	params_add_array(p, &x.origin_branch);
	params_add_array(p, &x.origin_seq);
}

static void
add_expects(struct params *p, const struct run *run)
{
	struct array n = array_of(p->arena, VALUE_INT);
	struct array at = n, op = n, space = n, seq = n;
	struct array ns = array_of(p->arena, VALUE_TEXT), name = ns;

	for (size_t i = 0; i < run->count; i++)
		for (size_t k = 0; k < run->unit[i]->expect_count; k++) {
			const struct expect *x = &run->unit[i]->expects[k];

			array_add_int(&n, (int64_t)i);
			array_add_int(&at, (int64_t)k);
			array_add_int(&op, x->op);
			array_add_int(&space, x->key.space);
			array_add_text(&ns, never_null(x->key.ns));
			array_add_text(&name, never_null(x->key.name));
			array_add_int(&seq, x->seq);
		}
	params_add_array(p, &n);
	params_add_array(p, &at);
	params_add_array(p, &op);
	params_add_array(p, &space);
	params_add_array(p, &ns);
	params_add_array(p, &name);
	params_add_array(p, &seq);
}

/* ---- verdicts */
void
run_read_verdicts(struct run *run, const PGresult *r)
{
	for (int i = 0; i < PQntuples(r); i++) {
		struct unit *u = run->unit[field_int(r, i, 0)];
		struct value hash =
		    field_value(run->call->arena, r, i, 4, VALUE_BYTES);

		u->verdict = (enum verdict)field_int(r, i, 1);
		u->seq = field_int(r, i, 2);
		u->failed = (size_t)field_int(r, i, 3);
		u->first_hash =
		    hash.type != VALUE_NULL ? hash.as.s : (struct str){ 0 };
	}
}

static enum err
nobody_knows(const struct run *run)
{
	return fail(run->call->error, ERR_COMMIT_UNKNOWN,
	    "The store did not tell whether the commit was kept.");
}

static enum err
too_late(const struct run *run)
{
	return fail(run->call->error, ERR_SLOW_DOWN,
	    "The store did not answer in time.");
}

static enum err apply_run(struct run *);

/* One unit's data may fail all: each by itself, only the culprit errs. */
static enum err
apply_one_by_one(const struct run *run, bool doubtful)
{
	for (size_t i = 0; i < run->count; i++) {
		struct run one = { .call = run->call,
			.branch = run->branch,
			.unit = { run->unit[i] },
			.count = 1 };
		enum err err = run->unit[i]->write_count != 0
				   ? apply_by_steps(run->call, run->branch,
					 run->unit[i], 1)
				   : apply_run(&one);

		if (err != OK)
			return doubtful || i != 0 ? nobody_knows(run) : err;
	}
	return OK;
}

static enum err
attempt(struct run *run, const struct query *q, struct attempted *ret)
{
	PGresult *r = NULL;

	if (run->has_writes)
		return run_with_records(run, q, ret);
	ret->submitted = true;
	TRY(ask_locked(
	    run->call, run->branch, q, &r, &ret->outcome, ret->state));
	if (ret->outcome == DONE)
		run_read_verdicts(run, r);
	PQclear(r);
	return OK;
}

static struct params
arguments_of(const struct run *run)
{
	struct params p = params_in(run->call->arena);

	params_add_int(&p, run->branch);
	add_units(&p, run);
	add_versions(&p, run);
	add_expects(&p, run);
	params_add_int(&p, clock_now_us());
	add_merge_flags(&p, run);
	return p;
}

/*
 * A lost answer is not decided by looking, for the server may still be at it:
 * the same units are submitted again.  The lock waits for the ghost, and the
 * id of its commit answers ALREADY.
 */
static enum err
apply_run(struct run *run)
{
	struct call *c = run->call;
	const struct params p = arguments_of(run);
	bool doubtful = false, clashed = false;
	int tries = 0;

	for (;;) {
		struct attempted t = { .outcome = LOST };
		enum err err =
		    attempt(run, &QUERY("apply", statement_apply, &p), &t);

		if (err != OK && !doubtful)
			return err;
		doubtful |= t.outcome > FAILED && t.submitted && err == OK;
		if (t.outcome == LATE ||
		    (err != OK && clock_mono_us() >= c->deadline_us))
			return doubtful ? nobody_knows(run) : too_late(run);
		if (t.clashed)
			return apply_one_by_one(run, doubtful);
		if (t.outcome == DONE)
			return OK;
		if (t.outcome == FAILED && !state_is_passing(t.state)) {
			bool data = state_is_bad_data(t.state);
			bool clash = state_is_unique(t.state);

			if (!data && !clash)
				return doubtful ? nobody_knows(run)
						: c->error->code;
			if (run->count != 1)
				return apply_one_by_one(run, doubtful);
			if (data || clashed) {
				run->unit[0]->verdict = VERDICT_INVALID;
				return OK;
			}
			clashed =
			    true; /* its id, on another branch just now? */
		}
		rest_a_while(&tries);
	}
}

/* ---- the call */
/* The first units that may go together; invalid ones are decided here. */
static size_t
gather(struct run *run, struct unit *units, size_t count)
{
	const struct schema *schema =
	    ((struct rowlog_store *)run->call->store)->schema;
	struct touched *t = ARENA_NEW(run->call->arena, struct touched, 1);
	size_t i = 0;

	run->count = 0;
	run->has_writes = false;
	for (; i < count && run->count < RUN_UNITS; i++) {
		struct unit *u = &units[i];

		if (!unit_is_storable(schema, u)) {
			u->verdict = VERDICT_INVALID;
			continue;
		}
		if (run->count != 0 && (!unit_may_join(u) || would_see(t, u)))
			break;
		run->unit[run->count++] = u;
		run->has_writes |= u->write_count != 0;
		if (!unit_may_join(u))
			return i + 1;
		touch_all(t, u);
	}
	return i;
}

/* Without a commit a unit leaves no id, and must not be submitted again when
 * another of its call failed: such units go all in one transaction. */
static bool
must_stay_together(const struct unit *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (units[i].put_count == 0)
			return true;
	return false;
}

static enum err
apply_all(struct call *c, int64_t branch, struct unit *units, size_t count,
    size_t *ret_decided)
{
	if (must_stay_together(units, count))
		return apply_by_steps(c, branch, units, count);
	while (*ret_decided < count) {
		struct run run = { .call = c, .branch = branch };
		size_t taken =
		    gather(&run, &units[*ret_decided], count - *ret_decided);

		if (run.count != 0 && unit_may_join(run.unit[0]))
			TRY(apply_run(&run));
		else if (run.count != 0)
			TRY(apply_by_steps(c, branch, run.unit[0], 1));
		*ret_decided += taken;
	}
	return OK;
}

enum err
postgres_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	const struct schema *schema = ((struct rowlog_store *)c->store)->schema;
	struct unit *copy = ARENA_NEW(c->arena, struct unit, count);
	size_t decided = 0;

	TRY(check_units(schema, branch, units, count, c->error));
	TRY(check_deadline(c));
	if (c->nowait)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");
	for (size_t i = 0; i < count; i++) {
		copy[i] = units[i];
		copy[i].verdict = VERDICT_NONE;
		copy[i].failed = 0;
		copy[i].seq = 0;
		copy[i].first_hash = (struct str){ 0 };
	}

	enum err err = apply_all(c, branch, copy, count, &decided);

	if (err != OK && decided != 0)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store took a part of the units only.");
	if (err == OK)
		for (size_t i = 0; i < count; i++)
			units[i] = copy[i];
	return err;
}
