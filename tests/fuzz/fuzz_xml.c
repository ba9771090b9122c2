/*
 * fuzz_xml.c - what a server answers in place of XML, under libFuzzer.
 *
 * Any bytes are refused or taken apart into pieces of themselves, and text that
 * was escaped reads as it was.
 */
#include <stdlib.h>

#include "object/s3_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* An element and those in it, as s3_listing.c and s3_deletion.c go down. */
static void
walk(struct arena *a, struct str inside, int depth)
{
	struct str rest = inside;
	struct xml_element e;

	while (xml_next(&rest, &e)) {
		require(e.name.len != 0);
		require(e.inside.len <= inside.len);
		(void)xml_text(a, e.inside);
		if (depth < 3)
			walk(a, e.inside, depth + 1);
	}
	require(rest.ptr == NULL || rest.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)data, size };
	struct buf escaped = buf_in(a);

	walk(a, text, 0);
	xml_add_text(&escaped, text);
	require(str_eq(xml_text(a, buf_str(&escaped)), text));
	arena_free(a);
	return 0;
}
