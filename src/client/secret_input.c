#include "client/secret_input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"

#define LINE_MAX_BYTES ((size_t)4096)
#define PART ((size_t)4096)

static enum err
read_descriptor(struct arena *a, int fd, const char *path, size_t most,
    struct str *ret, struct error *e)
{
	struct buf b = buf_in(a);
	ssize_t n;

	do {
		n = read(fd, buf_reserve(&b, PART), PART);
		if (n > 0)
			b.len += (size_t)n;
	} while ((n > 0 && b.len <= most) || (n < 0 && errno == EINTR));
	if (n < 0)
		return fail(e, ERR_UNAVAILABLE, "Cannot read %s: %s", path,
		    strerrordesc_np(errno));
	if (b.len > most)
		return fail(
		    e, ERR_TOO_LARGE, "%s has more than %zu bytes", path, most);
	*ret = buf_str(&b);
	return OK;
}

enum err
secret_read_all(struct arena *a, const char *path, size_t most, struct str *ret,
    struct error *e)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
					: open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	if (fd < 0)
		return fail(e, ERR_UNAVAILABLE, "Cannot read %s: %s", path,
		    strerrordesc_np(errno));
	err = read_descriptor(a, fd, path, most, ret, e);
	(void)close(fd);
	return err;
}

enum err
secret_read(struct arena *a, const char *path, struct str *ret, struct error *e)
{
	struct str text;

	TRY(secret_read_all(a, path, LINE_MAX_BYTES, &text, e));
	*ret = str_cut(&text, '\n');
	if (ret->len != 0)
		return OK;
	return fail(e, ERR_BAD_REQUEST, "%s has no first line", path);
}

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/* Reads a line from the terminal while it shows nothing.  A signal ends the
 * program only when the terminal shows again what is typed. */
static char *
read_hidden(FILE *terminal, char *line, int room)
{
	struct sigaction action = { .sa_handler = on_signal }, interrupt, term;
	struct termios shown, hidden;
	int fd = fileno(terminal);
	char *got;

	if (tcgetattr(fd, &shown) != 0)
		return NULL;
	(void)sigaction(SIGINT, &action, &interrupt);
	(void)sigaction(SIGTERM, &action, &term);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &hidden);
	got = fgets(line, room, terminal);
	(void)tcsetattr(fd, TCSAFLUSH, &shown);
	(void)fputc('\n', terminal);
	(void)sigaction(SIGINT, &interrupt, NULL);
	(void)sigaction(SIGTERM, &term, NULL);
	if (caught != 0)
		(void)raise(caught);
	return got;
}

enum err
secret_ask(struct arena *a, struct str what, struct str *ret, struct error *e)
{
	char line[LINE_MAX_BYTES] = "";
	FILE *terminal = fopen("/dev/tty", "r+e");

	if (terminal == NULL)
		return fail(e, ERR_UNAVAILABLE,
		    "There is no terminal to ask for " STR_FMT
		    ": give it in a file, --" STR_FMT "-file",
		    STR_ARG(what), STR_ARG(what));
	(void)fprintf(terminal, STR_FMT ": ", STR_ARG(what));
	(void)fflush(terminal);
	if (read_hidden(terminal, line, sizeof(line)) != NULL)
		line[strcspn(line, "\n")] = '\0';
	(void)fclose(terminal);
	*ret = arena_copy(a, str_from(line));
	explicit_bzero(line, sizeof(line));
	if (ret->len != 0)
		return OK;
	return fail(
	    e, ERR_BAD_REQUEST, "No " STR_FMT " was typed", STR_ARG(what));
}
