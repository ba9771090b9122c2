#include "client/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/private_file.h"

#define FILE_MAX ((size_t)64 * 1024)

/* The members of the file. */
static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "url", offsetof(struct profile, url) },
	{ "token", offsetof(struct profile, token) },
	{ "username", offsetof(struct profile, username) },
	{ "tenant", offsetof(struct profile, tenant) },
	{ "ca_file", offsetof(struct profile, ca_file) },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static struct str *
member_of(struct profile *p, size_t i)
{
	return (struct str *)(void *)((char *)p + members[i].offset);
}

static enum err
directory_of(struct arena *a, struct str *ret, struct error *e)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config != NULL && *config == '/')
		*ret = arena_printf(a, "%s/pangolin", config);
	else if (home != NULL && *home == '/')
		*ret = arena_printf(a, "%s/.config/pangolin", home);
	else
		return fail(e, ERR_UNAVAILABLE,
		    "There is no place for a profile: HOME is not set");
	return OK;
}

/* The name is a part of a path. */
static enum err
file_name(struct arena *a, const char *name, const char **ret, struct error *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strlen(name);

	if (len == 0 || len > 64 || name[0] == '.' ||
	    strspn(name, letters) != len)
		return fail(e, ERR_BAD_REQUEST,
		    "The name of a profile has letters, digits, '.', '_' and "
		    "'-'");
	*ret = arena_cstr(a, arena_printf(a, "%s.json", name));
	return OK;
}

enum err
profile_load(
    struct arena *a, const char *name, struct profile *ret, struct error *e)
{
	struct str directory, text, path;
	const char *file;
	struct stat st;
	yyjson_val *v;

	*ret = (struct profile){ 0 };
	TRY(file_name(a, name, &file, e));
	if (directory_of(a, &directory, e) != OK)
		return OK;
	path = arena_printf(a, STR_FMT "/%s", STR_ARG(directory), file);
	if (lstat(path.ptr, &st) != 0)
		return OK;
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0 || st.st_uid != geteuid())
		return fail(e, ERR_FORBIDDEN,
		    "%s has a token that others may use: chmod 600, and see "
		    "who owns it",
		    path.ptr);
	text = private_file_read(a, directory, file, FILE_MAX);
	if (text.ptr == NULL || json_parse(a, text, &v, e) != OK)
		return fail(e, ERR_BAD_REQUEST, "%s is no profile", path.ptr);
	for (size_t i = 0; i < MEMBERS; i++)
		*member_of(ret, i) =
		    json_str(json_member(v, str_from(members[i].name)));
	return OK;
}

/* Every directory that lacks is for its owner only. */
static void
make_directories(struct arena *a, struct str path)
{
	for (size_t i = 1; i <= path.len; i++)
		if (i == path.len || path.ptr[i] == '/')
			(void)mkdir(
			    arena_cstr(a, (struct str){ path.ptr, i }), 0700);
}

enum err
profile_save(
    struct arena *a, const char *name, const struct profile *p, struct error *e)
{
	struct profile copy = *p;
	struct buf b = buf_in(a);
	struct str directory;
	const char *file;

	TRY(file_name(a, name, &file, e));
	TRY(directory_of(a, &directory, e));
	buf_add_char(&b, '{');
	for (size_t i = 0; i < MEMBERS; i++) {
		struct str value = *member_of(&copy, i);

		if (value.ptr == NULL)
			continue;
		buf_printf(
		    &b, "%s\"%s\":", b.len > 1 ? "," : "", members[i].name);
		buf_add_json(&b, value);
	}
	buf_add(&b, STR("}\n"));
	make_directories(a, directory);
	if (private_file_replace(directory, file, buf_str(&b)))
		return OK;
	return fail(e, ERR_UNAVAILABLE, "Cannot write " STR_FMT "/%s: %s",
	    STR_ARG(directory), file, strerrordesc_np(errno));
}
