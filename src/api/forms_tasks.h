/* forms_tasks.h - bodies about tasks. */
#ifndef PANGOLIN_FORMS_TASKS_H
#define PANGOLIN_FORMS_TASKS_H

#include "api/form.h"

struct task_progress {
	int64_t done, total;
	struct str rate; /* a number as JSON text */
	int64_t eta_seconds;
};

struct task_body {
	struct id id;
	struct str kind, catalog;
	int state; /* enum task_state, from 0 on */
	struct task_progress progress;
	int64_t results;
	int64_t created_us, started_us, finished_us;
	struct id created_by;
	struct str error;
};

struct submit_task {
	struct str kind, catalog;
};

struct purge_request {
	struct str catalog, branch;
	struct id object;
};

struct task_submitted {
	struct id task_id;
};

/* A finding of verify_catalog; handlers pass the stored text on. */
struct task_finding {
	struct form_texts ns;
	struct str table, problem, location;
};

extern const struct form form_task, form_submit_task, form_task_submitted;
extern const struct form form_task_finding, form_purge_request;

#endif
