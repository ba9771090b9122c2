/*
 * client.h - pangolin-admin and pangolin-user: the API of a server as commands.
 *
 * A command is a route (route_commands.h), its flags are the route's arguments
 * and the members of its form (arguments.h).  The same file is the server's;
 * its name, or the first word, says which it is.
 */
#ifndef PANGOLIN_CLIENT_H
#define PANGOLIN_CLIENT_H

#include "client/client_http.h"
#include "client/command_line.h"
#include "client/profile.h"

enum client_exit {
	CLIENT_DONE,
	CLIENT_REFUSED,  /* by the server; or a file or a task failed */
	CLIENT_BAD_LINE, /* the command line */
	CLIENT_NO_ANSWER,
	CLIENT_INTERRUPTED = 130 /* Ctrl-C, as shells count it */
};

struct client {
	struct arena *arena;
	const struct command_line *line;
	struct client_http *http;
	struct profile profile;
	struct str url, token, tenant, ca_file; /* of this call; may be none */
	int64_t timeout_us;
};

/* Whether the file was started to be one of them; the arguments become those
 * of pangolin-admin or pangolin-user. */
bool client_is_meant(int *io_argc, char ***io_argv);

/* An exit code. */
int client_run(int argc, char **argv);

/* ---- client_call.c */

/* Sends a request.  CLIENT_NO_ANSWER, with a line on standard error; any
 * status is CLIENT_DONE. */
enum client_exit client_send(const struct client *, enum method,
    struct str target, struct str body, struct client_answer *ret);

/* The same, but what is no 2xx is printed and is CLIENT_REFUSED. */
enum client_exit client_ask(const struct client *, enum method,
    struct str target, struct str body, struct client_answer *ret);

/* Says why the server refused. */
void client_print_refusal(const struct client *, const struct client_answer *);

/* Prints "pangolin-admin: ..." on standard error. */
void client_complain(const struct client *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- client_lists.c */

/* Where the next page of a list is: the target, with the Link's query; ptr
 * NULL: there is none. */
struct str client_next_page(
    struct arena *, struct str target, const struct client_answer *);

/* The id of what has this name in a list, "/api/v1/users"; a UUID is its own.
 * CLIENT_REFUSED: there is none. */
enum client_exit client_find_id(
    const struct client *, struct str list, struct str name, struct str *ret);

/* Prints all pages of a list. */
enum client_exit client_list(const struct client *, struct str target);

/* ---- client_request.c */

/* The target and the body (ptr NULL: none) of the command. */
enum client_exit client_request(
    const struct client *, struct str *ret_target, struct str *ret_body);

#endif
