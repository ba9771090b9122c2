#include "cli/offline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/warehouse_storage.h"
#include "cli/sealing_key.h"
#include "cli/verbs.h"
#include "identity/password_hash.h"
#include "identity/users.h"
#include "record/restore_mark.h"

int
offline_verdict(enum err err, const struct error *e)
{
	if (err == OK)
		return 0;
	(void)fprintf(stderr, "pangolin: %s\n", e->message);
	return err == ERR_VALIDATION ? EXIT_BAD_SETTINGS : 1;
}

/* The first line of the file; no file: ptr NULL. */
static enum err
read_password(
    struct arena *a, const char *path, struct str *ret, struct error *e)
{
	char line[PASSWORD_MAX + 2] = "";
	FILE *f;

	*ret = (struct str){ 0 };
	if (path == NULL)
		return OK;
	f = fopen(path, "re");
	if (f == NULL)
		return fail(e, ERR_UNAVAILABLE, "Cannot read %s: %s", path,
		    strerror(errno));
	if (fgets(line, sizeof(line), f) != NULL)
		line[strcspn(line, "\n")] = '\0';
	(void)fclose(f);
	*ret = arena_copy(a, str_from(line));
	if (password_check(*ret, e) == OK)
		return OK;

	struct error why = *e;

	return fail(e, why.code, "%s: %s", path, why.message);
}

enum err
offline_choose_store(struct serving *s, struct error *e)
{
	TRY(serving_get_account(s, e));
	TRY(serving_load_store(s, e));
	if (!serving_is_durable(s))
		return fail(e, ERR_CONFLICT,
		    "store %s keeps nothing when the server is not running, "
		    "and "
		    "while it is only the server sees it",
		    s->app.store_plugin->name);
	return OK;
}

enum err
offline_get_state_dir(struct serving *s, struct error *e)
{
	const char *dir = arena_cstr(s->arena, s->settings.state_dir);

	if (access(dir, X_OK) == 0)
		return OK;
	return fail(e, ERR_UNAVAILABLE, "Cannot use the state directory %s: %s",
	    dir, strerror(errno));
}

/* ---- init */
static enum err
first_start(struct serving *s, struct call *c, void *with)
{
	const struct first_start *what = with;
	const char *who = arena_cstr(c->arena, bootstrap_users(c->arena, what));
	bool made = false;

	TRY(sealing_key_load(s, c->error));
	warehouse_storage_allow(&s->endpoints);
	TRY(bootstrap(c, what, &made));
	if (!made)
		return fail(c->error, ERR_CONFLICT,
		    STR_FMT " is made already: nothing has changed",
		    STR_ARG(s->app.state_dir));
	(void)printf("made " STR_FMT " with store %s: %s%s\n",
	    STR_ARG(s->app.state_dir), s->app.store_plugin->name, who,
	    what->root_only ? ""
			    : ", and a tenant, warehouse and catalog default");
	if (what->password.ptr != NULL)
		(void)printf("the password of %s is the given one\n", who);
	else
		(void)printf("the password of %s is in " STR_FMT
			     "/" PASSWORD_FILE "\n",
		    who, STR_ARG(s->app.state_dir));
	return OK;
}

static enum err
init(const struct command *c, struct error *e)
{
	struct serving *s = c->serving;
	struct first_start what;
	struct str password;

	TRY(serving_read_endpoints(s, e));
	TRY(read_password(
	    s->arena, c->value[FLAG_ADMIN_PASSWORD_FILE], &password, e));
	TRY(offline_choose_store(s, e));
	TRY(serving_claim(s, e));
	what = serving_first_start(s);
	what.password = password;

	const struct store_work work = { true, first_start, &what };

	return serving_work_in_child(s, &work, e);
}

int
init_run(const struct command *c)
{
	struct error e = { 0 };

	return offline_verdict(init(c, &e), &e);
}

/* ---- reset-password */
struct new_password {
	struct str username, password;
	bool random;
};

/* It is printed before anything else can fail. */
static enum err
set_password(struct serving *s, struct call *c, void *with)
{
	const struct principal owner = { .role = ROLE_ROOT };
	const struct new_password *new = with;
	struct user_change change = { .password = new->password, .active = -1 };
	bool settled = false;
	struct user user;
	enum err err;

	TRY(restore_mark_refuse(c));
	err = users_get_named(c, new->username, &user);
	if (err == ERR_NOT_FOUND)
		return fail(c->error, err, "There is no user " STR_FMT,
		    STR_ARG(new->username));
	TRY(err);
	TRY(users_update(c, &owner, user.id, &change, &settled));
	if (new->random)
		(void)printf(STR_FMT "\n", STR_ARG(new->password));
	(void)fflush(stdout);
	return settled ? password_file_remove(s->app.state_dir, c->error) : OK;
}

static enum err
reset_password(const struct command *c, struct error *e)
{
	struct serving *s = c->serving;
	struct new_password new = { .username = str_from(c->operand) };
	const struct store_work work = { false, set_password, &new };

	TRY(read_password(
	    s->arena, c->value[FLAG_PASSWORD_FILE], &new.password, e));
	new.random = new.password.ptr == NULL;
	if (new.random)
		new.password = password_random(s->arena);
	TRY(offline_choose_store(s, e));
	TRY(offline_get_state_dir(s, e));
	TRY(serving_claim(s, e));
	return serving_work_in_child(s, &work, e);
}

int
reset_password_run(const struct command *c)
{
	struct error e = { 0 };

	return offline_verdict(reset_password(c, &e), &e);
}
