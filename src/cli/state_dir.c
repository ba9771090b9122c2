#include "cli/state_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tls/self_signed.h"

/* The group passes through to the warehouse, and lists nothing. */
#define STATE_DIR_MODE 0710

/* How long the children of a server that was killed may take to end. */
#define ORPHANS_US (2 * CLOCK_SECOND)

/* A process that has not ended by then is not dying. */
#define OWNER_US (CLOCK_SECOND / 2)

enum err
account_get(const char *name, struct account *ret, struct error *e)
{
	const struct passwd *pw;

	*ret = (struct account){ 0 };
	if (geteuid() != 0 || strcmp(name, "root") == 0)
		return OK;
	pw = getpwnam(name);
	if (pw == NULL)
		return fail(e, ERR_VALIDATION,
		    "there is no user %s for the server to become: make it "
		    "(useradd --system --user-group %s), name another in "
		    "server.user, or stay root with --user root",
		    name, name);
	*ret = (struct account){ name, pw->pw_uid, pw->pw_gid };
	return OK;
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
	return mkdir(path, STATE_DIR_MODE) == 0 || errno == EEXIST;
}

/* The directory and what an earlier start left in it.  From directory to
 * directory: by whole paths a link put in the middle would lead root away. */
static bool
give_away(char *path, struct account account)
{
	char *const paths[] = { path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL, NULL);
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

/* The holder of the lock, as it wrote into the file. */
static int
holder(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return (int)strtol(text, NULL, 10);
}

/* Known to have ended, also when nobody has waited for it yet. */
static bool
has_ended(pid_t pid)
{
	struct pollfd ended = { .fd = -1, .events = POLLIN };
	bool result;

	if (pid <= 0)
		return false;
	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ended.fd == -1)
		return errno == ESRCH;
	result = poll(&ended, 1, 0) == 1;
	(void)close(ended.fd);
	return result;
}

/* Children have the lock until the kernel has ended them, too, which is soon
 * after the death of their parent; that one may have been killed just now.
 * False, with errno: it stays taken. */
static bool
take_lock(int fd)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	int64_t begun = clock_mono_us(), spent = 0;
	bool told = false;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return false;

		bool orphans = has_ended(holder(fd));

		if (spent >= (orphans ? ORPHANS_US : OWNER_US)) {
			errno = EWOULDBLOCK;
			return false;
		}
		if (orphans && !told)
			log_line(LEVEL_INFO,
			    "processes of pangolin %d are still ending",
			    holder(fd));
		told |= orphans;
		(void)nanosleep(&pause, NULL);
		spent = clock_mono_us() - begun;
	}
	return true;
}

enum err
state_dir_lock(const char *path, struct account account, struct error *e)
{
	char file[PATH_MAX], text[16];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (snprintf(file, sizeof(file), "%s/lock", path) >= (int)sizeof(file))
		return fail(e, ERR_BAD_REQUEST, "state_dir is too long");

	/* never closed: children inherit it, so an orphan keeps it too */
	int fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return cannot("open", file, e);
	if (!take_lock(fd)) {
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

/* Not more than `mode`; what is not ours to change is told of. */
static void
tighten(int fd, mode_t mode, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) != 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) ||
	    (st.st_mode & 07777 & ~mode) == 0)
		return;
	if (fchmod(fd, st.st_mode & mode) != 0)
		log_line(LEVEL_WARN,
		    "others can open %s in the state directory, and its mode "
		    "cannot be changed: %s",
		    name, strerrordesc_np(errno));
}

/* A certificate is shown to every client. */
static void
tighten_in(int dir, const char *name)
{
	bool shown = strcmp(name, SELF_SIGNED_CERTIFICATE) == 0;
	int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return; /* another account owns it and has closed it to us */
	tighten(fd, shown ? 0644 : 0600, name);
	(void)close(fd);
}

enum err
state_dir_tighten(const char *path, struct error *e)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (dir == NULL)
		return cannot("read the state directory", path, e);
	tighten(dirfd(dir), STATE_DIR_MODE, ".");
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
			tighten_in(dirfd(dir), entry->d_name);
	(void)closedir(dir);
	return OK;
}

enum err
state_dir_own(const char *path, const char *name, struct error *e)
{
	char file[PATH_MAX];
	int fd;

	if (snprintf(file, sizeof(file), "%s/%s", path, name) >=
	    (int)sizeof(file))
		return fail(e, ERR_BAD_REQUEST, "state_dir is too long");
	(void)unlink(file); /* of another owner, perhaps */
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot("write", file, e);
	(void)close(fd);
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
