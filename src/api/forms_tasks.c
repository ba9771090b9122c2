#include "api/forms_tasks.h"

#include "api/form_table.h"

/* In the order of enum task_state. */
static const char *const states[] = { "pending", "running", "paused",
	"completed", "failed", "cancelled", NULL };

/* clang-format off */
static const struct form_field progress[] = {
	FIELD(task_progress, done, "done", INT, FORM_REQUIRED,
	    "How many items are done."),
	FIELD(task_progress, total, "total", INT, 0,
	    "How many there are; it grows while they are counted; null: not "
	    "known yet."),
	FIELD(task_progress, rate, "rate", RAW, 0,
	    "Items done in a second of work; null: not known yet."),
	FIELD(task_progress, eta_seconds, "eta_seconds", INT, 0,
	    "Until it is finished, at this rate; null: nobody knows, or it "
	    "does not run."),
	FIELDS_END
};
static const struct form form_task_progress =
	FORM("TaskProgress", task_progress, true, progress);

static const struct form_field task[] = {
	FIELD(task_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the task for ever."),
	FIELD(task_body, kind, "kind", TEXT, FORM_REQUIRED,
	    "What is done: verify_catalog, warm_cache, prune, sweep, purge, "
	    "fold, merge."),
	FIELD(task_body, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Name of the catalog it is done to."),
	FIELD(task_body, state, "state", CHOICE, FORM_REQUIRED,
	    "What it is doing.", .choices = states),
	FIELD_OBJECT(task_body, progress, "progress", &form_task_progress,
	    FORM_REQUIRED, "How far it is."),
	FIELD(task_body, results, "results", INT, FORM_REQUIRED,
	    "How many result rows it has."),
	FIELD(task_body, created_us, "created_at", TIME, FORM_REQUIRED,
	    "When it was submitted."),
	FIELD(task_body, started_us, "started_at", TIME, 0,
	    "When it was first worked on; null: not yet."),
	FIELD(task_body, finished_us, "finished_at", TIME, 0,
	    "When it was completed, failed or cancelled; null: not yet."),
	FIELD(task_body, created_by, "created_by", ID, 0,
	    "Who submitted it; null: nobody had to sign in."),
	FIELD(task_body, error, "error", TEXT, 0,
	    "Why it failed, in a sentence, or why it is pending again: it is "
	    "tried after a pause; null: neither."),
	FIELDS_END
};
const struct form form_task = FORM("Task", task_body, true, task);

static const struct form_field submit_task[] = {
	FIELD(submit_task, kind, "kind", TEXT, FORM_REQUIRED,
	    "What is to be done: verify_catalog, warm_cache, prune, sweep, "
	    "purge, fold."),
	FIELD(submit_task, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Name of the catalog to do it to."),
	FIELDS_END
};
const struct form form_submit_task =
	FORM("SubmitTask", submit_task, true, submit_task);

static const struct form_field purge_request[] = {
	FIELD(purge_request, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Name of the catalog."),
	FIELD(purge_request, branch, "branch", TEXT, 0,
	    "The branch it was dropped on; absent: the default one."),
	FIELD(purge_request, object, "id", ID, FORM_REQUIRED,
	    "What GET /api/v1/dropped calls its id."),
	FIELDS_END
};
const struct form form_purge_request =
	FORM("PurgeRequest", purge_request, true, purge_request);

static const struct form_field task_submitted[] = {
	FIELD(task_submitted, task_id, "task_id", ID, FORM_REQUIRED,
	    "The id of the new task."),
	FIELDS_END
};
const struct form form_task_submitted =
	FORM("TaskSubmitted", task_submitted, true, task_submitted);

static const struct form_field task_finding[] = {
	FIELD(task_finding, ns, "namespace", TEXTS, FORM_REQUIRED,
	    "Levels of the table's namespace."),
	FIELD(task_finding, table, "table", TEXT, FORM_REQUIRED,
	    "Name of the table."),
	FIELD(task_finding, problem, "problem", TEXT, FORM_REQUIRED,
	    "metadata-missing, metadata-unreadable, metadata-invalid, "
	    "metadata-too-large: for the memory of a request; uuid-mismatch, "
	    "location-mismatch, manifest-list-missing, "
	    "manifest-list-unreadable, manifest-list-outside: not where the "
	    "catalog may have tables; or more-problems than the hundred that "
	    "are told of one table."),
	FIELD(task_finding, location, "location", TEXT, FORM_REQUIRED,
	    "What it is about: a file, or the location the file tells."),
	FIELDS_END
};
const struct form form_task_finding =
	FORM("TaskFinding", task_finding, true, task_finding);

/* clang-format on */
