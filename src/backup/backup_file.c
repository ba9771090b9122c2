#include "backup/backup_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

/* ---- both */
static void
sum_text(crypto_hash_sha256_state *sum, char ret[SHA256_TEXT])
{
	crypto_hash_sha256_state copy = *sum;
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256_final(&copy, hash);
	(void)sodium_bin2hex(ret, SHA256_TEXT, hash, sizeof(hash));
}

static void
sum_add(crypto_hash_sha256_state *sum, struct str s)
{
	(void)crypto_hash_sha256_update(
	    sum, (const unsigned char *)s.ptr, s.len);
}

static struct section *
section_now(struct backup_file *f)
{
	return &f->section[f->section_count - 1];
}

static void
section_begin(struct backup_file *f, struct str name)
{
	struct section *s = &f->section[f->section_count++];

	*s = (struct section){ .rows = 0 };
	(void)snprintf(s->name, sizeof(s->name), STR_FMT, STR_ARG(name));
	(void)crypto_hash_sha256_init(&f->part);
	f->in_section = true;
}

/* ---- writing */
static enum err
cannot_write(const struct backup_file *f, struct error *e)
{
	return fail(e, ERR_UNAVAILABLE, "Cannot write %s: %s", f->name,
	    strerror(errno));
}

static enum err
put(struct backup_file *f, struct str s, struct error *e)
{
	sum_add(&f->whole, s);
	f->bytes += (int64_t)s.len;
	if (f->file != NULL && fwrite(s.ptr, 1, s.len, f->file) != s.len)
		return cannot_write(f, e);
	return OK;
}

static enum err put_line(struct backup_file *f, struct error *e,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static enum err
put_line(struct backup_file *f, struct error *e, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return put(f, (struct str){ line, (size_t)len }, e);
}

enum err
backup_begin(struct backup_file *f, struct error *e)
{
	char time[CLOCK_TEXT], id[ID_TEXT];

	f->id = id_v7();
	id_format(f->id, id);
	clock_format(clock_now_us(), time);
	(void)crypto_hash_sha256_init(&f->whole);
	return put_line(f, e,
	    "{\"pangolin\":\"backup\",\"format\":%d,\"schema\":%lld,"
	    "\"version\":\"%s\",\"time\":\"%s\",\"id\":\"%s\"}\n",
	    BACKUP_FORMAT, (long long)f->schema, PANGOLIN_VERSION, time, id);
}

enum err
backup_section(struct backup_file *f, const char *name, struct error *e)
{
	section_begin(f, str_from(name));
	return put_line(
	    f, e, "{\"pangolin\":\"section\",\"name\":\"%s\"}\n", name);
}

enum err
backup_row(struct backup_file *f, struct str line, struct error *e)
{
	sum_add(&f->part, line);
	sum_add(&f->part, STR("\n"));
	section_now(f)->rows++;
	f->rows++;
	TRY(put(f, line, e));
	return put(f, STR("\n"), e);
}

enum err
backup_section_end(struct backup_file *f, struct error *e)
{
	struct section *s = section_now(f);

	sum_text(&f->part, s->sha256);
	f->in_section = false;
	return put_line(f, e,
	    "{\"pangolin\":\"end\",\"name\":\"%s\",\"rows\":%lld,"
	    "\"sha256\":\"%s\"}\n",
	    s->name, (long long)s->rows, s->sha256);
}

/* A pipe cannot be synced, and need not be. */
static bool
sync_file(FILE *file)
{
	return fflush(file) == 0 &&
	       (fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS);
}

enum err
backup_complete(struct backup_file *f, struct error *e)
{
	char sum[SHA256_TEXT];

	sum_text(&f->whole, sum);
	TRY(put_line(f, e,
	    "{\"pangolin\":\"complete\",\"rows\":%lld,\"sha256\":\"%s\"}\n",
	    (long long)f->rows, sum));
	if (f->file != NULL && !sync_file(f->file))
		return cannot_write(f, e);
	return OK;
}

/* ---- reading */
enum err
backup_damaged(struct backup_file *f, struct error *e)
{
	const struct error why = *e;

	return fail(e, ERR_BAD_REQUEST, "%s line %lld is damaged: %s", f->name,
	    (long long)f->line, why.message);
}

static enum err
damaged(struct backup_file *f, const char *why, struct error *e)
{
	(void)fail(e, ERR_BAD_REQUEST, "%s", why);
	return backup_damaged(f, e);
}

/* Without its newline; its bytes are summed by the caller. */
static enum err
read_line(struct backup_file *f, struct str *ret, struct error *e)
{
	ssize_t n = getline(&f->text, &f->room, f->file);

	f->line++;
	if (n <= 0 && ferror(f->file))
		return fail(e, ERR_UNAVAILABLE, "Cannot read %s: %s", f->name,
		    strerror(errno));
	if (n <= 0 || f->text[n - 1] != '\n')
		return fail(e, ERR_BAD_REQUEST,
		    "%s ends too early, in line %lld: it is not complete",
		    f->name, (long long)f->line);
	f->bytes += n;
	*ret = (struct str){ f->text, (size_t)n - 1 };
	return OK;
}

static enum err
parse_line(struct backup_file *f, struct arena *a, struct str line,
    yyjson_val **ret, struct error *e)
{
	struct error why = { 0 };

	if (json_parse(a, line, ret, &why) != OK)
		return damaged(f, why.message, e);
	return yyjson_is_obj(*ret) ? OK : damaged(f, "it is no object", e);
}

static bool
member_is(yyjson_val *object, struct str name, struct str wanted)
{
	return str_eq(json_str(json_member(object, name)), wanted);
}

static int64_t
member_int(yyjson_val *object, struct str name)
{
	yyjson_val *v = json_member(object, name);

	return yyjson_is_int(v) ? yyjson_get_sint(v) : -1;
}

static enum err
check_header(
    struct backup_file *f, yyjson_val *head, int64_t schema, struct error *e)
{
	int64_t format = member_int(head, STR("format"));
	struct str version = json_str(json_member(head, STR("version")));

	if (!member_is(head, STR("pangolin"), STR("backup")) || format < 1)
		return fail(
		    e, ERR_BAD_REQUEST, "%s is no backup of pangolin", f->name);
	(void)snprintf(
	    f->version, sizeof(f->version), STR_FMT, STR_ARG(version));
	if (format > BACKUP_FORMAT)
		return fail(e, ERR_BAD_REQUEST,
		    "%s has format %lld, written by pangolin %s; this program "
		    "reads format %d",
		    f->name, (long long)format, f->version, BACKUP_FORMAT);
	f->schema = member_int(head, STR("schema"));
	if (f->schema > schema)
		return fail(e, ERR_BAD_REQUEST,
		    "%s has schema version %lld, written by pangolin %s; this "
		    "program knows %lld",
		    f->name, (long long)f->schema, f->version,
		    (long long)schema);
	if (!id_parse(json_str(json_member(head, STR("id"))), &f->id))
		return damaged(f, "it has no id", e);
	return OK;
}

enum err
backup_open(
    struct backup_file *f, int64_t schema, struct arena *a, struct error *e)
{
	yyjson_val *head;
	struct str line = { .len = 0 };

	rewind(f->file);
	f->line = f->rows = f->bytes = 0;
	f->section_count = 0;
	f->in_section = false;
	(void)crypto_hash_sha256_init(&f->whole);
	TRY(read_line(f, &line, e));
	sum_add(&f->whole, (struct str){ line.ptr, line.len + 1 });
	TRY(parse_line(f, a, line, &head, e));
	return check_header(f, head, schema, e);
}

static enum err
read_section(struct backup_file *f, yyjson_val *v, struct error *e)
{
	struct str name = json_str(json_member(v, STR("name")));

	if (f->in_section)
		return damaged(f, "the section before it has no end", e);
	if (name.len == 0 || name.len >= sizeof(f->section[0].name) ||
	    f->section_count == SECTIONS_MAX)
		return damaged(f, "it begins no section", e);
	section_begin(f, name);
	return OK;
}

static enum err
read_section_end(struct backup_file *f, yyjson_val *v, struct error *e)
{
	struct section *s = f->in_section ? section_now(f) : NULL;

	if (s == NULL || !member_is(v, STR("name"), str_from(s->name)))
		return damaged(f, "no such section is open", e);
	sum_text(&f->part, s->sha256);
	f->in_section = false;
	if (member_int(v, STR("rows")) == s->rows &&
	    member_is(v, STR("sha256"), str_from(s->sha256)))
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "%s line %lld: section %s has other rows than were written",
	    f->name, (long long)f->line, s->name);
}

static enum err
read_complete(struct backup_file *f, yyjson_val *v, struct error *e)
{
	char sum[SHA256_TEXT];

	sum_text(&f->whole, sum);
	if (f->in_section)
		return damaged(f, "a section has no end", e);
	if (member_int(v, STR("rows")) != f->rows ||
	    !member_is(v, STR("sha256"), str_from(sum)))
		return fail(e, ERR_BAD_REQUEST,
		    "%s line %lld: the file is not as it was written", f->name,
		    (long long)f->line);
	if (getc(f->file) != EOF)
		return fail(e, ERR_BAD_REQUEST,
		    "%s has something behind its end, line %lld", f->name,
		    (long long)f->line);
	return OK;
}

static enum err
read_row(struct backup_file *f, struct str line, struct error *e)
{
	if (!f->in_section)
		return damaged(f, "a row stands in no section", e);
	sum_add(&f->part, (struct str){ line.ptr, line.len + 1 });
	section_now(f)->rows++;
	f->rows++;
	return OK;
}

enum err
backup_next(struct backup_file *f, struct arena *a, enum backup_line *ret,
    yyjson_val **ret_row, struct error *e)
{
	struct str line = { .len = 0 }, what;
	yyjson_val *v;

	TRY(read_line(f, &line, e));
	TRY(parse_line(f, a, line, &v, e));
	what = json_str(json_member(v, STR("pangolin")));
	if (str_eq(what, STR("complete"))) {
		*ret = BACKUP_COMPLETE;
		return read_complete(f, v, e);
	}
	sum_add(&f->whole, (struct str){ line.ptr, line.len + 1 });
	if (what.ptr == NULL) {
		*ret = BACKUP_ROW;
		*ret_row = v;
		return read_row(f, line, e);
	}
	if (str_eq(what, STR("section"))) {
		*ret = BACKUP_SECTION;
		return read_section(f, v, e);
	}
	*ret = BACKUP_END;
	return str_eq(what, STR("end")) ? read_section_end(f, v, e)
					: damaged(f, "it is unknown", e);
}

void
backup_close(struct backup_file *f)
{
	free(f->text);
	f->text = NULL;
}
