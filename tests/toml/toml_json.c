/*
 * toml_json.c - prints TOML as the tagged JSON of the toml-test suite.
 *
 *   toml_json <document           the tree on stdout, or exit 1
 *   toml_json --batch <documents  each is its length, a line feed, its bytes;
 *                                 each is answered by a line: the tree, or
 *                                 "refused: " and the message
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "config/toml.h"

static void add_tree(struct buf *, const struct toml_node *);

static void
add_children(struct buf *b, const struct toml_node *n)
{
	bool table = n->kind == TOML_TABLE;

	buf_add_char(b, table ? '{' : '[');
	for (const struct toml_node *c = n->first; c != NULL; c = c->next) {
		if (c != n->first)
			buf_add_char(b, ',');
		if (table) {
			buf_add_json(b, c->key);
			buf_add_char(b, ':');
		}
		add_tree(b, c);
	}
	buf_add_char(b, table ? '}' : ']');
}

static void
add_tagged(struct buf *b, const char *type, struct str value)
{
	buf_printf(b, "{\"type\":\"%s\",\"value\":", type);
	buf_add_json(b, value);
	buf_add_char(b, '}');
}

static struct str
number_text(struct arena *a, double d)
{
	if (isnan(d))
		return STR("nan");
	if (isinf(d))
		return d < 0 ? STR("-inf") : STR("inf");
	return arena_printf(a, "%.17g", d);
}

static void
add_tree(struct buf *b, const struct toml_node *n)
{
	static const char *const types[] = { [TOML_DATE_TIME] = "datetime",
		[TOML_LOCAL_DATE_TIME] = "datetime-local",
		[TOML_LOCAL_DATE] = "date-local",
		[TOML_LOCAL_TIME] = "time-local",
		[TOML_STRING] = "string" };

	switch (n->kind) {
	case TOML_TABLE:
	case TOML_ARRAY:
		add_children(b, n);
		break;
	case TOML_INTEGER:
		add_tagged(b, "integer",
		    arena_printf(b->arena, "%lld", (long long)n->integer));
		break;
	case TOML_FLOAT:
		add_tagged(b, "float", number_text(b->arena, n->number));
		break;
	case TOML_BOOL:
		add_tagged(b, "bool", n->boolean ? STR("true") : STR("false"));
		break;
	case TOML_STRING:
	case TOML_DATE_TIME:
	case TOML_LOCAL_DATE_TIME:
	case TOML_LOCAL_DATE:
	case TOML_LOCAL_TIME:
		add_tagged(b, types[n->kind], n->text);
		break;
	}
}

/* The answer to one document, with its line feed; false when refused. */
static bool
answer(struct arena *a, struct str text, struct buf *b)
{
	struct toml_node *root;
	struct error e = { 0 };
	bool accepted = toml_parse(a, STR("stdin"), text, &root, &e) == OK;

	if (accepted)
		add_tree(b, root);
	else
		buf_printf(b, "refused: %s", e.message);
	buf_add_char(b, '\n');
	return accepted;
}

static int
answer_one(struct arena *a)
{
	struct buf text = buf_in(a), reply = buf_in(a);
	size_t n;

	while ((n = fread(buf_reserve(&text, 4096), 1, 4096, stdin)) != 0)
		text.len += n;

	bool accepted = answer(a, buf_str(&text), &reply);

	(void)fwrite(reply.data, 1, reply.len, accepted ? stdout : stderr);
	return accepted ? 0 : 1;
}

static int
answer_batch(struct arena *a)
{
	char line[32];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t len = strtoul(line, NULL, 10);
		char *copy = malloc(len != 0 ? len : 1); /* exact */
		struct buf reply = buf_in(a);

		if (copy == NULL || fread(copy, 1, len, stdin) != len)
			return 2;
		(void)answer(a, (struct str){ copy, len }, &reply);
		(void)fwrite(reply.data, 1, reply.len, stdout);
		free(copy);
		arena_reset(a);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	bool batch = argc == 2 && strcmp(argv[1], "--batch") == 0;
	int status = batch ? answer_batch(a) : answer_one(a);

	arena_free(a);
	return status;
}
