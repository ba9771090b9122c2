/*
 * client_call.c - one request of the command line, and what a refusal says.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "client/answer_print.h"
#include "client/client.h"
#include "client/printable.h"
#include "http/router.h"

void
client_complain(const struct client *c, const char *fmt, ...)
{
	char line[1024];
	struct str text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text = printable(c->arena, str_from(line));
	(void)fprintf(
	    stderr, "%s: " STR_FMT "\n", c->line->program, STR_ARG(text));
}

enum client_exit
client_send(const struct client *c, enum method method, struct str target,
    struct str body, struct client_answer *ret)
{
	struct client_http_request r = {
		.method = arena_cstr(c->arena, router_allow(c->arena, method)),
		.url = arena_printf(c->arena, STR_FMT STR_FMT, STR_ARG(c->url),
		    STR_ARG(target)),
		.token = c->token,
		.tenant = c->tenant,
		.body = body,
		.ca_file = c->ca_file,
		.timeout_us = c->timeout_us,
	};

	*ret = client_http_send(c->http, c->arena, &r);
	if (ret->status != 0)
		return CLIENT_DONE;
	client_complain(
	    c, STR_FMT " does not answer: %s", STR_ARG(c->url), ret->why);
	return CLIENT_NO_ANSWER;
}

/* {"error": "..."}, {"error": {"message": "..."}}, or OAuth's. */
static struct str
message_of(yyjson_val *v)
{
	yyjson_val *error = json_member(v, STR("error"));
	struct str text = json_str(json_member(error, STR("message")));

	if (text.ptr == NULL)
		text = json_str(json_member(v, STR("error_description")));
	if (text.ptr == NULL)
		text = json_str(json_member(v, STR("message")));
	return text.ptr != NULL ? text : json_str(error);
}

void
client_print_refusal(const struct client *c, const struct client_answer *a)
{
	struct error e = { 0 };
	yyjson_val *v = NULL;
	bool is_json = json_parse(c->arena, a->body, &v, &e) == OK;
	struct str message = is_json ? message_of(v) : (struct str){ 0 };

	if (message.ptr != NULL)
		client_complain(c, STR_FMT, STR_ARG(message));
	else
		client_complain(
		    c, STR_FMT " answers %d", STR_ARG(c->url), a->status);
	if (is_json && c->line->option[OPTION_JSON] != NULL)
		answer_print_json(stdout, v);
	if (a->status == 401)
		client_complain(
		    c, "sign in with: %s login USERNAME", c->line->program);
	if (a->retry_after_s > 0)
		client_complain(
		    c, "try again in %lld s", (long long)a->retry_after_s);
}

enum client_exit
client_ask(const struct client *c, enum method method, struct str target,
    struct str body, struct client_answer *ret)
{
	enum client_exit sent = client_send(c, method, target, body, ret);

	if (sent != CLIENT_DONE || (ret->status >= 200 && ret->status < 300))
		return sent;
	client_print_refusal(c, ret);
	return CLIENT_REFUSED;
}
