#include "cli/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct account
account_find(const char *name, bool *ret_missing)
{
	struct passwd *pw = NULL;

	*ret_missing = false;
	if (geteuid() != 0 || strcmp(name, "root") == 0)
		return (struct account){ 0 };
	pw = getpwnam(name);
	if (pw == NULL) {
		*ret_missing = true;
		return (struct account){ 0 };
	}
	return (struct account){ name, pw->pw_uid, pw->pw_gid };
}

static enum err
cannot(const char *what, const char *path, struct error *e)
{
	return fail(e, ERR_UNAVAILABLE, "Cannot %s %s: %s", what, path,
	    strerror(errno));
}

/* Every directory of `path` that is not there. */
static bool
make_all(char *path)
{
	for (char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';

		bool ok = mkdir(path, 0755) == 0 || errno == EEXIST;

		*slash = '/';
		if (!ok)
			return false;
	}
	return mkdir(path, 0750) == 0 || errno == EEXIST;
}

/* The directory and what an earlier start left in it. */
static bool
give_away(char *path, struct account account)
{
	char *const paths[] = { path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool ok = tree != NULL;
	FTSENT *f;

	while (ok && (f = fts_read(tree)) != NULL)
		if (f->fts_info != FTS_DP)
			ok = lchown(f->fts_accpath, account.uid, account.gid) ==
			     0;
	if (tree != NULL)
		(void)fts_close(tree);
	return ok;
}

enum err
state_dir_make(const char *path, struct account account, struct error *e)
{
	char copy[PATH_MAX];
	struct stat st;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return fail(e, ERR_BAD_REQUEST, "state_dir is too long");
	if (!make_all(copy))
		return cannot("make the state directory", path, e);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return cannot("use as the state directory", path, e);
	}
	if (account.name != NULL && st.st_uid != account.uid &&
	    !give_away(copy, account))
		return cannot("give away the state directory", path, e);
	if (account.name == NULL && access(path, R_OK | W_OK | X_OK) != 0)
		return cannot("write in the state directory", path, e);
	return OK;
}

/* Who holds the lock, as it wrote into the file. */
static int
holder(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return (int)strtol(text, NULL, 10);
}

enum err
state_dir_lock(const char *path, struct account account, struct error *e)
{
	char file[PATH_MAX], text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (snprintf(file, sizeof(file), "%s/lock", path) >= (int)sizeof(file))
		return fail(e, ERR_BAD_REQUEST, "state_dir is too long");

	/* never closed: children inherit it, so an orphan keeps it too */
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return cannot("open", file, e);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum err err =
		    errno == EWOULDBLOCK
			? fail(e, ERR_CONFLICT, "pangolin %d already uses %s",
			      holder(fd), path)
			: cannot("lock", file, e);

		(void)close(fd);
		return err;
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len ||
	    (account.name != NULL &&
		fchown(fd, account.uid, account.gid) != 0)) {
		(void)close(fd);
		return cannot("write", file, e);
	}
	return OK;
}

enum err
account_become(struct account account, struct error *e)
{
	if (account.name == NULL)
		return OK;
	if (setgroups(1, &account.gid) != 0 ||
	    setresgid(account.gid, account.gid, account.gid) != 0 ||
	    setresuid(account.uid, account.uid, account.uid) != 0)
		return fail(e, ERR_UNAVAILABLE, "Cannot become user %s: %s",
		    account.name, strerror(errno));
	return OK;
}
