/*
 * client_run.c - runs a command: who asks whom, the request, and what is made
 * of the answer.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/forms_identity.h"
#include "api/forms_tokens.h"
#include "base/clock.h"
#include "client/answer_print.h"
#include "client/client.h"
#include "client/client_help.h"
#include "client/printable.h"
#include "client/task_wait.h"

#define URL_USUAL "http://127.0.0.1:8181"
#define PROFILE_USUAL "default"
#define TIMEOUT_USUAL_S 60
#define TIMEOUT_MAX_S 86400

static const char *
profile_name(const struct command_line *line)
{
	const char *name = line->option[OPTION_PROFILE];

	return name != NULL ? name : PROFILE_USUAL;
}

/* ---- who asks whom */

/* The option, or the environment, or the profile, or the usual. */
static struct str
chosen(const char *option, const char *variable, struct str kept,
    const char *usual)
{
	const char *env = variable != NULL ? getenv(variable) : NULL;

	if (option != NULL)
		return str_from(option);
	if (env != NULL && *env != '\0')
		return str_from(env);
	return kept.ptr != NULL ? kept : str_from(usual);
}

static struct str
without_slash(struct str url)
{
	while (str_ends_with(url, STR("/")))
		url.len--;
	return url;
}

static enum client_exit
set_timeout(struct client *c)
{
	const char *text = c->line->option[OPTION_TIMEOUT];
	int64_t seconds = TIMEOUT_USUAL_S;

	if (text != NULL && (!str_to_int(str_from(text), &seconds) ||
				seconds < 1 || seconds > TIMEOUT_MAX_S)) {
		client_complain(
		    c, "--timeout is a number from 1 to %d", TIMEOUT_MAX_S);
		return CLIENT_BAD_LINE;
	}
	c->timeout_us = seconds * CLOCK_SECOND;
	return CLIENT_DONE;
}

/* A certificate's file is named as another directory sees it, too. */
static struct str
whole_path(struct arena *a, struct str path)
{
	char *whole =
	    path.ptr != NULL ? realpath(arena_cstr(a, path), NULL) : NULL;

	if (whole != NULL)
		path = arena_copy(a, str_from(whole));
	free(whole);
	return path;
}

static enum client_exit
set_up(struct client *c)
{
	const char *const *option = c->line->option;
	struct str tenant;
	struct error e = { 0 };
	bool is_same;

	if (profile_load(c->arena, profile_name(c->line), &c->profile, &e) !=
	    OK) {
		client_complain(c, "%s", e.message);
		return CLIENT_REFUSED;
	}
	c->url = without_slash(chosen(
	    option[OPTION_URL], "PANGOLIN_URL", c->profile.url, URL_USUAL));
	is_same = str_eq(c->url, c->profile.url);
	c->token = is_same ? c->profile.token : (struct str){ 0 };
	c->ca_file = whole_path(c->arena,
	    chosen(option[OPTION_CA_FILE], NULL,
		is_same ? c->profile.ca_file : (struct str){ 0 }, NULL));
	tenant = chosen(option[OPTION_TENANT], "PANGOLIN_TENANT",
	    is_same ? c->profile.tenant : (struct str){ 0 }, NULL);
	if (set_timeout(c) != CLIENT_DONE)
		return CLIENT_BAD_LINE;
	/* a client that signs in cannot ask for names of tenants yet */
	if (tenant.ptr == NULL ||
	    (c->line->command->route->flags & ROUTE_PUBLIC) != 0)
		return CLIENT_DONE;
	return client_find_id(c, STR(API_ROOT "tenants"), tenant, &c->tenant);
}

/* ---- what the profile keeps of an answer */
static enum client_exit
keep(struct client *c, const struct profile *p)
{
	struct error e = { 0 };

	if (profile_save(c->arena, profile_name(c->line), p, &e) == OK)
		return CLIENT_DONE;
	client_complain(c, "%s", e.message);
	return CLIENT_REFUSED;
}

static enum client_exit
keep_login(struct client *c, yyjson_val *answer)
{
	yyjson_val *user = json_member(answer, STR("user"));
	struct profile p = { .url = c->url,
		.token = json_str(json_member(answer, STR("token"))),
		.username = json_str(json_member(user, STR("username"))),
		.tenant = str_from(c->line->option[OPTION_TENANT]),
		.ca_file = c->ca_file };
	struct str who = printable(
	    c->arena, p.username.ptr != NULL ? p.username : STR("somebody"));
	enum client_exit kept = keep(c, &p);

	if (kept == CLIENT_DONE)
		(void)printf("signed in as " STR_FMT " at " STR_FMT "\n",
		    STR_ARG(who), STR_ARG(c->url));
	return kept;
}

static enum client_exit
forget_token(struct client *c)
{
	struct profile p = c->profile;

	p.token = (struct str){ 0 };
	return keep(c, &p);
}

static enum client_exit
keep_rotated(struct client *c, yyjson_val *answer)
{
	struct profile p = c->profile;

	p.token = json_str(json_member(answer, STR("token")));
	return keep(c, &p);
}

static bool
is_route(const struct client *c, const char *path)
{
	return strcmp(c->line->command->route->path, path) == 0;
}

/* ---- the answer */
static enum client_exit
print_answer(struct client *c, const struct client_answer *a)
{
	const struct route *r = c->line->command->route;
	struct error e = { 0 };
	yyjson_val *v = NULL;
	struct str task;

	if (is_route(c, API_ROOT "users/logout") ||
	    is_route(c, API_ROOT "auth/revoke"))
		return forget_token(c);
	if (a->body.len == 0)
		return CLIENT_DONE;
	if (json_parse(c->arena, a->body, &v, &e) != OK) {
		client_complain(c, "The answer is no JSON: %s", e.message);
		return CLIENT_REFUSED;
	}
	if (r->answer == &form_login_response)
		return keep_login(c, v);
	task = task_wait_id(r, v);
	if (c->line->option[OPTION_WAIT] != NULL && task.ptr != NULL)
		return task_wait(c, task);
	if (c->line->option[OPTION_JSON] != NULL)
		answer_print_json(stdout, v);
	else
		answer_print(stdout, c->arena, v);
	return is_route(c, API_ROOT "tokens/rotate") ? keep_rotated(c, v)
						     : CLIENT_DONE;
}

static enum client_exit
run_command(struct client *c)
{
	const struct route *r = c->line->command->route;
	struct client_answer answer;
	struct str target, body;
	enum client_exit exit = set_up(c);

	if (exit == CLIENT_DONE)
		exit = client_request(c, &target, &body);
	if (exit != CLIENT_DONE)
		return exit;
	if (r->method == METHOD_GET && (r->flags & ROUTE_LIST) != 0)
		return client_list(c, target);
	if (r->answer == &form_login_response)
		c->token = (struct str){ 0 };
	exit = client_ask(c, r->method, target, body, &answer);
	return exit == CLIENT_DONE ? print_answer(c, &answer) : exit;
}

/* ---- the program */
static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool
client_is_meant(int *io_argc, char ***io_argv)
{
	static char admin[] = "pangolin-admin", user[] = "pangolin-user";
	char **argv = *io_argv;
	const char *name = *io_argc > 0 ? base_name(argv[0]) : "";

	if (strcmp(name, admin) == 0 || strcmp(name, user) == 0)
		return true;
	if (*io_argc < 2 ||
	    (strcmp(argv[1], "admin") != 0 && strcmp(argv[1], "user") != 0))
		return false;
	argv[1] = strcmp(argv[1], "admin") == 0 ? admin : user;
	*io_argv = argv + 1;
	(*io_argc)--;
	return true;
}

static int
run_line(int argc, char **argv, struct command_line *line)
{
	struct client c = { .arena = line->arena, .line = line };
	int exit;

	if (client_help_run(argc, argv, line, &exit))
		return exit;
	if (!command_line_read(argc, argv, line))
		return CLIENT_BAD_LINE;
	if (line->option[OPTION_HELP] != NULL) {
		client_help_print(stdout, line);
		return CLIENT_DONE;
	}
	c.http = client_http_open();
	if (c.http == NULL) {
		client_complain(&c, "There is no memory");
		return CLIENT_REFUSED;
	}
	exit = (int)run_command(&c);
	client_http_close(c.http);
	return exit;
}

int
client_run(int argc, char **argv)
{
	struct command_line line = { .arena = arena_new(),
		.program = base_name(argv[0]) };
	int exit;

	arena_wipe(line.arena); /* it has tokens and passwords */
	line.commands = route_commands_of(
	    line.arena, strcmp(line.program, "pangolin-user") == 0);
	exit = run_line(argc, argv, &line);
	if (fflush(stdout) != 0 && exit == CLIENT_DONE)
		exit = CLIENT_REFUSED;
	arena_free(line.arena);
	return exit;
}
