#include "cli/sealing_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/private_file.h"
#include "catalog/sealing.h"

#define FILE_MAX 4096
#define RANDOM_BYTES 32
#define TEXT_BYTES (2 * RANDOM_BYTES + 1) /* hexadecimal, and a line's end */

static enum err
cannot(const struct serving *s, const char *what, struct error *e)
{
	return fail(e, ERR_UNAVAILABLE, "Cannot %s " STR_FMT "/%s: %s", what,
	    STR_ARG(s->app.state_dir), SEALING_KEY_FILE,
	    strerrordesc_np(errno));
}

/* Durable, with the name of the file: secrets are lost with it. */
static bool
write_durably(int directory, const char *text)
{
	int fd = openat(directory, SEALING_KEY_FILE,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && fchmod(fd, 0600) == 0 &&
		  write(fd, text, TEXT_BYTES) == TEXT_BYTES && fsync(fd) == 0 &&
		  fsync(directory) == 0;
	int why = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = why;
	return ok;
}

static enum err
make_file(const struct serving *s, struct error *e)
{
	uint8_t random[RANDOM_BYTES];
	char text[TEXT_BYTES + 1];
	int directory =
	    open(s->app.state_dir.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	randombytes_buf(random, sizeof(random));
	(void)sodium_bin2hex(text, sizeof(text), random, sizeof(random));
	text[TEXT_BYTES - 1] = '\n';
	text[TEXT_BYTES] = '\0';
	ok = directory >= 0 && write_durably(directory, text);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(text, sizeof(text));

	enum err err = ok ? OK : cannot(s, "write", e);

	if (directory >= 0)
		(void)close(directory);
	return err;
}

static struct str
read_file(struct arena *a, const struct serving *s)
{
	struct str text =
	    private_file_read(a, s->app.state_dir, SEALING_KEY_FILE, FILE_MAX);

	while (text.len != 0 && text.ptr[text.len - 1] <= ' ')
		text.len--;
	return text;
}

static enum err
set_keys(struct arena *a, struct serving *s, bool make, struct error *e)
{
	bool alone = (s->app.store_plugin->flags & PLUGIN_EXCLUSIVE) != 0;
	struct str given = s->settings.warehouse_sealing_key;
	struct str file = read_file(a, s);

	if (file.ptr == NULL && given.len == 0 && alone && make) {
		TRY(make_file(s, e));
		file = read_file(a, s);
	}

	struct buf b = buf_in(a);

	(void)buf_reserve(&b, given.len + 1 + file.len);
	buf_add(&b, given);
	buf_add_char(&b, ',');
	buf_add(&b, file);

	struct str both = buf_str(&b);
	enum err err = sealing_set_keys(both, e);

	sodium_memzero((void *)(uintptr_t)both.ptr, both.len);
	if (file.len != 0)
		sodium_memzero((void *)(uintptr_t)file.ptr, file.len);
	return err;
}

static enum err
load(struct serving *s, bool make, struct error *e)
{
	struct arena *a = arena_new_hidden();
	enum err err = OK;

	if (sodium_init() < 0)
		err = fail(e, ERR_INTERNAL, "libsodium does not start");
	if (err == OK)
		err = set_keys(a, s, make, e);
	arena_free(a);
	return err;
}

enum err
sealing_key_load(struct serving *s, struct error *e)
{
	return load(s, true, e);
}

enum err
sealing_key_find(struct serving *s, struct error *e)
{
	return load(s, false, e);
}
