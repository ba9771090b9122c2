#include "plugin/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libdeflate.h>

#include "base/buf.h"
#include "plugin/cache.h"
#include "plugin/store.h"

/* A plugin is a few megabytes; a blob that claims more is broken. */
#define INFLATED_MAX ((uint32_t)64 << 20)

static const char *
kind_name(uint32_t kind)
{
	return kind == PLUGIN_STORE ? "store" : "cache";
}

static uint32_t
ops_size_of(uint32_t kind)
{
	return kind == PLUGIN_STORE ? sizeof(struct store_ops)
				    : sizeof(struct cache_ops);
}

struct str
plugin_names(struct arena *a, const struct plugin_search *search, uint32_t kind)
{
	struct str prefix = arena_printf(a, "%s-", kind_name(kind));
	struct buf names = buf_in(a);
	DIR *dir;

	if (search->dir.len == 0) {
		const struct embedded_plugin *p = search->embedded;

		for (; p->name != NULL; p++)
			if (str_starts_with(str_from(p->name), prefix))
				buf_printf(&names, "%s%s",
				    names.len != 0 ? ", " : "",
				    p->name + prefix.len);
		return buf_str(&names);
	}
	dir = opendir(arena_cstr(a, search->dir));
	if (dir == NULL)
		return buf_str(&names);
	for (struct dirent *d; (d = readdir(dir)) != NULL;) {
		struct str file = str_from(d->d_name);

		if (str_starts_with(file, prefix) &&
		    str_ends_with(file, STR(".so")))
			buf_printf(&names, "%s%.*s", names.len != 0 ? ", " : "",
			    (int)(file.len - prefix.len - 3),
			    file.ptr + prefix.len);
	}
	(void)closedir(dir);
	return buf_str(&names);
}

/* The last four bytes of a gzip file are the inflated size (RFC 1952). */
static uint32_t
inflated_size(const struct embedded_plugin *p)
{
	const unsigned char *end = p->gzip + p->size;

	return (uint32_t)end[-4] | (uint32_t)end[-3] << 8 |
	       (uint32_t)end[-2] << 16 | (uint32_t)end[-1] << 24;
}

static bool
inflate_into(const struct embedded_plugin *p, int fd)
{
	uint32_t size = inflated_size(p);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	void *at = MAP_FAILED;
	bool ok = false;

	if (d != NULL && size != 0 && size <= INFLATED_MAX &&
	    ftruncate(fd, (off_t)size) == 0)
		at =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at != MAP_FAILED) {
		ok = libdeflate_gzip_decompress(d, p->gzip, p->size, at, size,
			 NULL) == LIBDEFLATE_SUCCESS;
		(void)munmap(at, size);
	}
	libdeflate_free_decompressor(d);
	return ok;
}

/*
 * A memory file that holds the plugin.  It is opened by this process's own
 * number, because a debugger follows the name from another process, and it
 * stays open: glibc knows objects by name, and a number used again would
 * make it hand out the first plugin once more.
 */
static enum err
unpack(struct arena *a, const struct embedded_plugin *p, struct str *ret,
    struct error *e)
{
	int fd = memfd_create(p->name, MFD_CLOEXEC);

	if (fd < 0 || !inflate_into(p, fd)) {
		if (fd >= 0)
			(void)close(fd);
		return fail(e, ERR_INTERNAL, "Plugin %s cannot be unpacked: %s",
		    p->name, fd < 0 ? strerror(errno) : "its data is damaged");
	}
	*ret = arena_printf(a, "/proc/%d/fd/%d", (int)getpid(), fd);
	return OK;
}

static enum err
find_embedded(struct arena *a, const struct plugin_search *search,
    uint32_t kind, struct str name, struct str *ret, struct error *e)
{
	struct str full =
	    arena_printf(a, "%s-" STR_FMT, kind_name(kind), STR_ARG(name));
	const struct embedded_plugin *p = search->embedded;

	for (; p->name != NULL; p++)
		if (str_eq(full, str_from(p->name)))
			return unpack(a, p, ret, e);

	struct str known = plugin_names(a, search, kind);

	return fail(e, ERR_INTERNAL,
	    "There is no %s plugin \"" STR_FMT
	    "\" in this program; it has: " STR_FMT,
	    kind_name(kind), STR_ARG(name), STR_ARG(known));
}

static enum err
find_file(struct arena *a, const struct plugin_search *search, uint32_t kind,
    struct str name, struct str *ret, struct error *e)
{
	*ret = arena_printf(a, STR_FMT "/%s-" STR_FMT ".so",
	    STR_ARG(search->dir), kind_name(kind), STR_ARG(name));
	if (access(ret->ptr, R_OK) == 0)
		return OK;

	struct str known = plugin_names(a, search, kind);

	return fail(e, ERR_INTERNAL,
	    "There is no %s plugin \"" STR_FMT
	    "\": %s: %s; plugin_dir has: " STR_FMT,
	    kind_name(kind), STR_ARG(name), ret->ptr, strerror(errno),
	    STR_ARG(known));
}

/* Does the object describe itself as what was asked for? */
static enum err
check(const struct plugin *p, uint32_t kind, struct str name, bool by_file,
    struct error *e)
{
	if (p->abi != PLUGIN_ABI)
		return fail(e, ERR_INTERNAL,
		    "Plugin " STR_FMT " is of another version: plugin ABI %u, "
		    "this program's %u",
		    STR_ARG(name), p->abi, PLUGIN_ABI);
	if (p->kind != kind)
		return fail(e, ERR_INTERNAL,
		    "Plugin " STR_FMT " is a %s, not a %s", STR_ARG(name),
		    kind_name(p->kind), kind_name(kind));
	if (p->ops_size != ops_size_of(kind))
		return fail(e, ERR_INTERNAL,
		    "Plugin " STR_FMT " was built from other headers than "
		    "this program",
		    STR_ARG(name));
	if (!by_file && !str_eq(name, str_from(p->name)))
		return fail(e, ERR_INTERNAL,
		    "Plugin " STR_FMT " calls itself \"%s\"", STR_ARG(name),
		    p->name);
	return OK;
}

static enum err
load_from(const char *path, uint32_t kind, struct str name, bool by_file,
    const struct plugin **ret, struct error *e)
{
	const struct plugin *(*entry)(void);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		return fail(e, ERR_INTERNAL,
		    "Plugin " STR_FMT " cannot be loaded: %s", STR_ARG(name),
		    dlerror());

	/* POSIX keeps functions in void *; ISO C needs the copy to say so */
	void *symbol = dlsym(handle, PLUGIN_SYMBOL);

	if (symbol == NULL)
		return fail(e, ERR_INTERNAL,
		    "%s is not a Pangolin plugin: it has no " PLUGIN_SYMBOL,
		    path);
	memcpy(&entry, &symbol, sizeof(entry));

	const struct plugin *p = entry();

	TRY(check(p, kind, name, by_file, e));
	*ret = p;
	return OK;
}

enum err
plugin_load(const struct plugin_search *search, uint32_t kind, struct str name,
    const struct plugin **ret, struct error *e)
{
	bool by_file = name.len != 0 && memchr(name.ptr, '/', name.len);
	struct arena *a = arena_new();
	struct str path = name;
	enum err err = OK;

	if (!by_file)
		err = search->dir.len != 0
			  ? find_file(a, search, kind, name, &path, e)
			  : find_embedded(a, search, kind, name, &path, e);
	if (err == OK)
		err =
		    load_from(arena_cstr(a, path), kind, name, by_file, ret, e);
	arena_free(a);
	return err;
}
