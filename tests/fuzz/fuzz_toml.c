/*
 * fuzz_toml.c - the TOML reader under libFuzzer.
 *
 * Any bytes give a refusal that says where, or a tree in which everything has
 * a place, nothing nests too deep, and no table has a key twice.
 */
#include <stdlib.h>

#include "config/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_tree(const struct toml_node *n)
{
	require(n->depth <= TOML_DEPTH_MAX + 1);
	if (n->kind == TOML_STRING)
		require(str_is_utf8(n->text));
	if (n->kind != TOML_TABLE && n->kind != TOML_ARRAY)
		return;

	size_t count = 0;

	for (const struct toml_node *c = n->first; c != NULL; c = c->next) {
		count++;
		require(c->at.line > 0 && c->at.column > 0);
		require(c->depth == n->depth + 1);
		require(n->kind == TOML_ARRAY || c->key_at.line > 0);
		require(n->kind == TOML_ARRAY || toml_find(n, c->key) == c);
		check_tree(c);
	}
	require(count == n->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)data, size };
	struct toml_node *root = NULL;
	struct error e = { 0 };

	if (toml_parse(a, STR("fuzz"), text, &root, &e) == OK)
		check_tree(root);
	else
		require(e.code == ERR_VALIDATION &&
			strncmp(e.message, "fuzz:", 5) == 0);
	arena_free(a);
	return 0;
}
