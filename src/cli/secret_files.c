#include "cli/secret_files.h"

#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "plugin/plugin.h"

struct look {
	const struct serving *serving;
	struct str last; /* a file is told of once in a row */
};

/* Others than the server's own account are in it. */
static bool
has_members(const struct group *group, const char *account)
{
	for (char **name = group->gr_mem; *name != NULL; name++)
		if (account == NULL || strcmp(*name, account) != 0)
			return true;
	return false;
}

static void
look_at(struct look *l, struct str path)
{
	const struct serving *s = l->serving;
	const struct group *group;
	struct stat st;

	if (str_eq(path, l->last) || stat(arena_cstr(s->arena, path), &st) != 0)
		return;
	l->last = path;
	group = getgrgid(st.st_gid);
	if ((st.st_mode & S_IROTH) != 0)
		log_line(LEVEL_WARN,
		    STR_FMT " holds a secret and everybody can read it: "
			    "chmod o= " STR_FMT,
		    STR_ARG(path), STR_ARG(path));
	else if ((st.st_mode & S_IRGRP) != 0 && group != NULL &&
		 has_members(group, s->account.name))
		log_line(LEVEL_WARN,
		    STR_FMT " holds a secret and all of the group %s can read "
			    "it: put the secret into a file of the server "
			    "alone (KEY_file names it)",
		    STR_ARG(path), group->gr_name);
}

/* "FILE:LINE:COLUMN" */
static bool
is_in_file(const struct option *o, struct str file)
{
	return file.len != 0 && str_starts_with(o->where, file) &&
	       o->where.len > file.len && o->where.ptr[file.len] == ':';
}

static void
look_at_option(
    struct look *l, const struct plugin_option *row, const struct option *o)
{
	struct str name = str_from(row->name);
	struct str file = l->serving->settings.file;

	if (!row->secret || !str_starts_with(o->name, name))
		return;
	if (str_eq(o->name, name) && is_in_file(o, file))
		look_at(l, file);
	else if (str_eq(str_skip(o->name, name.len), STR("_file")))
		look_at(l, o->value);
}

/* `name`: that of a cache; absent: the store. */
static void
look_at_options(struct look *l, const struct plugin *p,
    const struct options *given, struct str name)
{
	for (size_t i = 0; i < given->count; i++)
		for (const struct plugin_option *row = p->options;
		     row->name != NULL; row++)
			if (str_eq(given->at[i].plugin, name))
				look_at_option(l, row, &given->at[i]);
}

void
secret_files_warn(const struct serving *s)
{
	struct look l = { .serving = s };

	for (size_t i = 0; i < s->settings.secret_files.count; i++)
		look_at(&l, s->settings.secret_files.at[i]);
	look_at_options(&l, s->app.store_plugin, &s->settings.store_options,
	    (struct str){ 0 });
	for (size_t i = 0; i < s->caches.count; i++)
		look_at_options(&l, s->caches.level[i].plugin,
		    &s->settings.cache_options, s->settings.cache_levels.at[i]);
	if (s->settings.tls_mode == TLS_FILES)
		look_at(&l, s->settings.tls_key);
}
