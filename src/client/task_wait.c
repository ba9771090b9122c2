#include "client/task_wait.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "api/forms_tasks.h"
#include "base/clock.h"
#include "cli/progress_bar.h"
#include "client/answer_print.h"
#include "client/printable.h"

#define SILENCE_US (60 * CLOCK_SECOND) /* a server may be away so long */
#define FIRST_PAUSE_US (100 * CLOCK_MS)
#define LONGEST_PAUSE_US CLOCK_SECOND

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

struct str
task_wait_id(const struct route *r, yyjson_val *answer)
{
	struct str id = json_str(json_member(answer, STR("task_id")));

	if (id.ptr == NULL && r->answer == &form_task)
		id = json_str(json_member(answer, STR("id")));
	return id;
}

static struct str
member(yyjson_val *task, const char *name)
{
	return json_str(json_member(task, str_from(name)));
}

/* The bar keeps the word, and a server may send any. */
static const char *
step_of(struct str state)
{
	static const char *const known[] = { "pending", "running", "paused" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(state, str_from(known[i])))
			return known[i];
	return "waiting";
}

static bool
is_over(struct str state)
{
	return str_eq(state, STR("completed")) ||
	       str_eq(state, STR("failed")) || str_eq(state, STR("cancelled"));
}

static void
show(struct progress_bar *bar, yyjson_val *task)
{
	yyjson_val *progress = json_member(task, STR("progress"));

	progress_bar_moved(bar, step_of(member(task, "state")),
	    yyjson_get_sint(json_member(progress, STR("done"))),
	    yyjson_get_sint(json_member(progress, STR("total"))));
}

static enum client_exit
say_end(const struct client *c, yyjson_val *task)
{
	struct str state = member(task, "state");
	struct str error = member(task, "error");

	if (c->line->option[OPTION_JSON] != NULL)
		answer_print_json(stdout, task);
	else
		answer_print(stdout, c->arena, task);
	if (str_eq(state, STR("completed")))
		return CLIENT_DONE;
	client_complain(c, "the task %s" STR_FMT STR_FMT,
	    str_eq(state, STR("failed")) ? "failed" : "was cancelled",
	    STR_ARG(error.ptr != NULL ? STR(": ") : STR("")), STR_ARG(error));
	return CLIENT_REFUSED;
}

/* ---- asking again and again */
struct waiting {
	const struct client *client;
	struct str id, target;
	struct progress_bar bar;
	int64_t heard_us, pause_us;
};

static enum client_exit
leave(struct waiting *w)
{
	progress_bar_end(&w->bar);
	client_complain(w->client,
	    "the task goes on; to see it: %s task get " STR_FMT " --wait",
	    w->client->line->program, STR_ARG(w->id));
	return CLIENT_INTERRUPTED;
}

static void
pause_for(int64_t us)
{
	struct timespec t = { us / CLOCK_SECOND, us % CLOCK_SECOND * 1000 };

	(void)nanosleep(&t, NULL);
}

/* No answer, or one that a server gives which is about to start or to end, or
 * has too much to do. */
static bool
is_passing(const struct client_answer *a)
{
	return a->status == 0 || a->status == 429 || a->status >= 500;
}

/* Whether the task is over, or there is no more to wait for: `ret`. */
static bool
look(struct waiting *w, enum client_exit *ret)
{
	const struct client *c = w->client;
	struct client_http_request r = { .method = "GET",
		.url = arena_printf(c->arena, STR_FMT STR_FMT, STR_ARG(c->url),
		    STR_ARG(w->target)),
		.token = c->token,
		.tenant = c->tenant,
		.ca_file = c->ca_file,
		.timeout_us = c->timeout_us };
	struct client_answer a = client_http_send(c->http, c->arena, &r);
	struct error e = { 0 };
	yyjson_val *task = NULL;
	int64_t now = clock_mono_us();

	*ret = CLIENT_NO_ANSWER;
	if (is_passing(&a)) {
		if (now - w->heard_us < SILENCE_US)
			return false;
		progress_bar_end(&w->bar);
		client_complain(c, STR_FMT " does not answer", STR_ARG(c->url));
		return true;
	}
	w->heard_us = now;
	if (a.status == 200 && json_parse(c->arena, a.body, &task, &e) == OK &&
	    !is_over(member(task, "state"))) {
		show(&w->bar, task);
		return false;
	}
	progress_bar_end(&w->bar);
	if (task != NULL)
		*ret = say_end(c, task);
	else
		client_print_refusal(c, &a);
	if (task == NULL)
		*ret = CLIENT_REFUSED;
	return true;
}

enum client_exit
task_wait(const struct client *c, struct str id)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	struct waiting w = { .client = c,
		.id = printable(c->arena, id),
		.target = arena_printf(
		    c->arena, API_ROOT "tasks/" STR_FMT, STR_ARG(id)),
		.bar = progress_bar_new(false),
		.heard_us = clock_mono_us(),
		.pause_us = FIRST_PAUSE_US };
	struct arena_mark mark = arena_mark(c->arena);
	enum client_exit ended = CLIENT_DONE;

	(void)sigaction(SIGINT, &action, NULL);
	client_http_watch(c->http, &interrupted);
	while (!interrupted && !look(&w, &ended)) {
		arena_cut(c->arena, mark);
		pause_for(w.pause_us);
		w.pause_us = w.pause_us * 2 < LONGEST_PAUSE_US
				 ? w.pause_us * 2
				 : LONGEST_PAUSE_US;
	}
	return interrupted ? leave(&w) : ended;
}
