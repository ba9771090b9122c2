/*
 * backup_verbs.c - backup and restore.
 *
 * The parent opens the file, which may be out of reach for the server's
 * account; a child of that account reads or writes it, and the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "catalog/warehouse_storage.h"
#include "cli/missing_files.h"
#include "cli/offline.h"
#include "cli/progress_bar.h"
#include "cli/sealing_key.h"
#include "cli/verbs.h"
#include "record/restore_mark.h"

struct job {
	struct backup_file file;
	struct progress_bar bar;
	bool verify;
};

static bool
is_dash(const char *path)
{
	return strcmp(path, "-") == 0;
}

static enum err
cannot(const char *what, const char *path, struct error *e)
{
	return fail(e, ERR_UNAVAILABLE, "Cannot %s %s: %s", what, path,
	    strerror(errno));
}

static struct job
new_job(const struct command *c)
{
	return (struct job){
		.file.name = is_dash(c->operand) ? "the backup" : c->operand,
		.bar = progress_bar_new(c->value[FLAG_QUIET] != NULL),
		.verify = c->value[FLAG_VERIFY] != NULL,
	};
}

static int
end_job(struct job *job, enum err err, const struct error *e)
{
	if (job->file.file != NULL)
		(void)fclose(job->file.file);
	backup_close(&job->file);
	return offline_verdict(err, e);
}

/* ---- backup */
/* In a folder that other accounts write to it may be their file, by which they
 * would read the backup, or another name of some other file. */
static bool
is_own_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       st.st_uid == geteuid();
}

/* For its owner only, and one writer at a time.  O_NONBLOCK: a pipe is not
 * waited for. */
static enum err
open_part(const char *path, FILE **ret, struct error *e)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return cannot("make", path, e);
	if (!is_own_file(fd)) {
		(void)close(fd);
		return fail(e, ERR_CONFLICT,
		    "%s is there and no file of yours alone: remove it", path);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		return fail(e, ERR_CONFLICT, "Another backup writes %s", path);
	}
	if (fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0 ||
	    (*ret = fdopen(fd, "w")) == NULL) {
		(void)close(fd);
		return cannot("make", path, e);
	}
	return OK;
}

/* The new name is durable when this returns. */
static enum err
move_into_place(const char *part, const char *path, struct error *e)
{
	char *copy = strdup(path);
	int dir = -1;

	if (copy != NULL && rename(part, path) == 0)
		dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	bool done = dir >= 0 && (fsync(dir) == 0 || errno == EINVAL);

	if (dir >= 0)
		(void)close(dir);
	free(copy);
	return done ? OK : cannot("make", path, e);
}

static enum err
backup_in_child(struct serving *s, struct call *c, void *with)
{
	struct job *job = with;
	const struct backup_watch watch = { progress_bar_moved, &job->bar };
	enum err err;

	TRY(restore_mark_refuse(c));
	err = backup_store(c, &job->file, &watch);
	progress_bar_end(&job->bar);
	TRY(err);
	if (!job->bar.quiet)
		(void)fprintf(job->file.file == stdout ? stderr : stdout,
		    "store %s is in %s: %lld rows, %lld bytes\n",
		    s->app.store_plugin->name, job->file.name,
		    (long long)job->file.rows, (long long)job->file.bytes);
	return OK;
}

/* Other processes may read SQLite while its server runs: they write nothing,
 * and see what is committed. */
static enum err
run_backup(struct serving *s, struct job *job, struct error *e)
{
	const struct store_work work = { false, backup_in_child, job };

	if ((s->app.store_plugin->flags & PLUGIN_EXCLUSIVE) != 0)
		TRY(offline_get_state_dir(s, e));
	return serving_work_in_child(s, &work, e);
}

static enum err
backup_to(struct serving *s, struct job *job, const char *path, struct error *e)
{
	struct str part = arena_printf(s->arena, "%s.tmp", path);
	enum err err;

	if (is_dash(path)) {
		job->file.file = stdout;
		return run_backup(s, job, e);
	}
	TRY(open_part(part.ptr, &job->file.file, e));
	err = run_backup(s, job, e);
	if (err == OK)
		err = move_into_place(part.ptr, path, e);
	else
		(void)unlink(part.ptr);
	return err;
}

int
backup_run(const struct command *c)
{
	struct job job = new_job(c);
	struct error e = { 0 };
	enum err err = offline_choose_store(c->serving, &e);

	if (err == OK)
		err = backup_to(c->serving, &job, c->operand, &e);
	return end_job(&job, err, &e);
}

/* ---- restore */
/* Standard input into a file without a name, because it is read twice. */
static enum err
keep_input(const char *dir, FILE **ret, struct error *e)
{
	char path[4096], bytes[65536];
	FILE *file = NULL;
	size_t n = 1;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/.restore-%d", dir, getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot("make", path, e);
	(void)unlink(path);
	file = fdopen(fd, "w+");
	while (file != NULL && n != 0) {
		n = fread(bytes, 1, sizeof(bytes), stdin);
		if (fwrite(bytes, 1, n, file) != n)
			break;
	}
	if (n == 0 && !ferror(stdin) && fflush(file) == 0) {
		*ret = file;
		return OK;
	}
	if (file != NULL)
		(void)fclose(file);
	return cannot("keep", "standard input", e);
}

/* Files in S3 are asked for by the keys of their warehouses. */
static enum err
verify_files(struct serving *s, struct call *c)
{
	struct files_found found;

	TRY(serving_read_endpoints(s, c->error));
	TRY(sealing_key_find(s, c->error));
	warehouse_storage_allow(&s->endpoints);
	TRY(missing_files(c, stdout, &found));
	if (found.missing != 0)
		return fail(c->error, ERR_NOT_FOUND,
		    "The store is restored, but of %lld tables and views %lld "
		    "have no metadata file",
		    (long long)found.looked, (long long)found.missing);
	(void)printf("the metadata files of all %lld tables and views are "
		     "there\n",
	    (long long)found.looked);
	return OK;
}

static enum err
restore_in_child(struct serving *s, struct call *c, void *with)
{
	struct job *job = with;
	const struct backup_watch watch = { progress_bar_moved, &job->bar };
	enum err err = restore_store(c, &job->file, &watch);

	progress_bar_end(&job->bar);
	TRY(err);
	if (!job->bar.quiet)
		(void)printf("restored %s into store %s: %lld rows, as the "
			     "file has them\n",
		    job->file.name, s->app.store_plugin->name,
		    (long long)job->file.rows);
	return job->verify ? verify_files(s, c) : OK;
}

/* A file that cannot be restored leaves no trace. */
static enum err
restore_from(
    struct serving *s, struct job *job, const char *path, struct error *e)
{
	const struct store_work work = { true, restore_in_child, job };
	const struct backup_watch watch = { progress_bar_moved, &job->bar };

	if (is_dash(path)) {
		TRY(serving_claim(s, e));
		TRY(keep_input(s->app.state_dir.ptr, &job->file.file, e));
	} else {
		job->file.file = fopen(path, "re");
		if (job->file.file == NULL)
			return cannot("read", path, e);
	}

	enum err err = restore_check(&job->file, &watch, e);

	progress_bar_end(&job->bar);
	TRY(err);
	if (!is_dash(path))
		TRY(serving_claim(s, e));
	return serving_work_in_child(s, &work, e);
}

int
restore_run(const struct command *c)
{
	struct job job = new_job(c);
	struct error e = { 0 };
	enum err err = offline_choose_store(c->serving, &e);

	if (err == OK)
		err = restore_from(c->serving, &job, c->operand, &e);
	return end_job(&job, err, &e);
}
