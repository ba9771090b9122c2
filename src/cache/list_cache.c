#include "cache/list_cache.h"

#include "base/buf.h"
#include "cache/immutable_cache.h"

static struct str
past_name(struct arena *a, struct point at, int64_t erased_us, const char *what,
    struct str ns)
{
	return arena_printf(a, "list:%lld:%lld:%lld:%s:" STR_FMT,
	    (long long)at.branch, (long long)at.seq, (long long)erased_us, what,
	    STR_ARG(ns));
}

static enum err
find_past(struct call *c, struct str name, struct str *ret)
{
	struct cached found;

	TRY(immutable_cache_find(c, name, &found));
	*ret = found.value;
	if (found.value.ptr != NULL && found.pin != 0)
		*ret = arena_copy(c->arena, found.value);
	immutable_cache_release(c, &found);
	return OK;
}

enum err
list_cache_find(struct call *c, struct point at, const int64_t *erased_us,
    const char *what, struct str ns, struct cached_list *ret)
{
	*ret = (struct cached_list){ 0 };
	if (erased_us != NULL) {
		ret->past = past_name(c->arena, at, *erased_us, what, ns);
		return find_past(c, ret->past, &ret->value);
	}
	read_cache_find_text(c, at.branch, what, ns, &ret->at_head);
	ret->value = ret->at_head.read.value;
	return OK;
}

void
list_cache_put(struct call *c, const struct cached_list *list, struct str text)
{
	if (list->past.ptr == NULL)
		read_cache_put_text(c, &list->at_head, text);
	else if (text.len <= READ_CACHE_TEXT_MAX)
		immutable_cache_put(c, list->past, text, CACHE_FOREVER);
}
