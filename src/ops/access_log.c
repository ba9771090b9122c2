/* access_log.c - writes principal, route, path and result of a request. */
#include "ops/access_log.h"

#include "app/app.h"
#include "base/log.h"
#include "config/settings.h"
#include "http/router.h"
#include "identity/principal.h"

/* Longer paths are cut, so that the line stays one write (log_ring.h). */
#define PATH_MAX_SHOWN 1024

/* No name that could be right is longer. */
#define NAME_MAX_SHOWN 255

static void
add_text(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":", name);
	if (value.ptr == NULL)
		buf_add(b, STR("null"));
	else
		buf_add_json(b, value);
}

static void
add_number(struct buf *b, const char *name, int64_t value)
{
	buf_printf(b, ",\"%s\":", name);
	buf_add_int(b, value);
}

/* The path is as the client sent it: it need not be UTF-8. */
static struct str
shown_path(struct arena *a, struct str path)
{
	struct buf b = buf_in(a);
	size_t n = path.len < PATH_MAX_SHOWN ? path.len : PATH_MAX_SHOWN;

	if (path.ptr == NULL)
		return path;
	for (size_t i = 0; i < n; i++) {
		bool shown = path.ptr[i] > ' ' && path.ptr[i] < 0x7F;

		buf_add(&b, shown ? (struct str){ path.ptr + i, 1 } : STR("?"));
	}
	return buf_str(&b);
}

static void
add_tenant(struct buf *b, const struct principal *p)
{
	char text[ID_TEXT];

	if (p == NULL || id_is_nil(p->acts_in)) {
		add_text(b, "tenant", (struct str){ 0 });
		return;
	}
	id_format(p->acts_in, text);
	add_text(b, "tenant", str_from(text));
}

void
access_log_members(
    struct buf *b, const struct request *r, const struct outcome *o)
{
	const struct principal *p = r->principal;
	const char *route = r->route != NULL ? r->route->path : NULL;

	add_text(b, "id", str_from(r->id));
	add_text(b, "method", router_allow(r->arena, r->method));
	add_text(b, "route", str_from(route));
	add_text(b, "path", shown_path(r->arena, r->path));
	add_number(b, "status", o->status);
	add_number(b, "duration_us", o->duration_us);
	add_number(b, "bytes", o->body_bytes);
	add_text(b, "principal", p != NULL ? p->username : (struct str){ 0 });
	add_tenant(b, p);
	add_text(b, "peer", r->peer);
	add_text(b, "client", r->client);
}

void
access_log(const struct request *r, const struct outcome *o)
{
	struct buf line = buf_in(r->arena);

	if (!r->app->settings->log_access || !log_wants(LEVEL_INFO))
		return;
	(void)buf_reserve(&line, 512);
	log_begin(&line, LEVEL_INFO, STR("request"));
	access_log_members(&line, r, o);
	log_end(&line);
}

/* The first bytes of a name, and no part of a character. */
static struct str
shown_name(struct str name)
{
	size_t n = name.len < NAME_MAX_SHOWN ? name.len : NAME_MAX_SHOWN;

	while (n < name.len && n > 0 && (name.ptr[n] & 0xC0) == 0x80)
		n--;
	return (struct str){ name.ptr, n };
}

void
sign_in_log(const struct request *r, const struct outcome *o)
{
	struct buf line = buf_in(r->arena);

	if (!log_wants(LEVEL_WARN))
		return;
	(void)buf_reserve(&line, 512);
	log_begin(&line, LEVEL_WARN, STR("sign-in refused"));
	add_text(&line, "name", shown_name(*r->tried));
	access_log_members(&line, r, o);
	log_end(&line);
}
