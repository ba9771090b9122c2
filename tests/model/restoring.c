/* restoring.c - picks, reverts and resets. */
#include "model.h"
#include "versions/reverts.h"

static const char *const verb[] = { "pick", "revert", "reset" };

/* A reset of a partial branch ends where that began. */
static bool
crosses_partial(int branch, struct naive_point to)
{
	for (int b = branch; b != to.branch; b = m.branch[b].fork.branch)
		if (m.branch[b].is_partial)
			return true;
	return false;
}

static enum err
expected_error(int branch, struct naive_point at, enum restore_kind kind)
{
	struct naive_point earlier = { at.branch, at.count - 1 };

	if (!is_kept(at) || (kind != RESTORE_RESET && !is_kept(earlier)))
		return ERR_NO_SUCH_REF;
	if (kind == RESTORE_RESET && crosses_partial(branch, at))
		return ERR_BAD_REQUEST;
	return OK;
}

static struct expectation
expected(int branch, struct naive_point at, enum restore_kind kind)
{
	const struct state *new = state_at(at);
	const struct state *old =
	    state_at((struct naive_point){ at.branch, at.count - 1 });

	if (kind == RESTORE_RESET)
		return expected_change(
		    state_at(head_of(branch)), new, branch, false);
	if (kind == RESTORE_REVERT)
		return expected_change(new, old, branch, false);
	return expected_change(old, new, branch, true);
}

static void
check_restored(int branch, const struct expectation *e, enum err err,
    const struct restored *made)
{
	bool fits = e->conflicts == 0 && !e->in_namespaces, both = false;

	for (int k = 0; k < KEYS; k++)
		both |= e->both[k]; /* it may refuse more than it has to */
	if (err == ERR_CONFLICT && (!e->is_exact || !fits || both)) {
		EQUAL(has_new_commit(branch), false);
		return;
	}
	GOOD(err);
	if (e->is_exact)
		EQUAL(fits, true);
	EQUAL(has_new_commit(branch), made->changed);
	if (e->is_exact)
		EQUAL(made->changed, e->puts != 0);
	if (made->changed)
		adopt_commit(branch, e->is_exact ? &e->result : NULL);
	counts.restored++;
}

void
restore_something(void)
{
	int branch = live_branch();
	enum restore_kind kind = (enum restore_kind)draw(3);
	struct naive_point at = random_ancestor(
	    head_of(kind == RESTORE_PICK ? live_branch() : branch));
	struct restore_ask ask = { .kind = kind,
		.branch = str_from(m.branch[branch].name) };
	struct branch in = open_branch(branch);
	struct expectation e;
	struct restored made;
	enum err err, want;

	if (commit_at(at) == NULL)
		return;
	tell("%s on %s: commit %d of %s", verb[kind], m.branch[branch].name,
	    at.count, m.branch[at.branch].name);
	ask.commit = commit_at(at)->id;
	for (int k = 0; k < KEYS; k++)
		if (commit_at(at)->touched[k])
			tell("  key %d: %d", k, commit_at(at)->state.value[k]);
	err = restore(&m.call, &in, &ask, &made);
	want = expected_error(branch, at, kind);
	if (want != OK) {
		EQUAL(err, want);
		return;
	}
	e = expected(branch, at, kind);
	/* it shows less than what the commit has changed */
	if (knows_partial(record_at(head_of(branch))))
		e.is_exact = false;
	check_restored(branch, &e, err, &made);
}
