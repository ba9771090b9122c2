#include "cli/tls_keeper.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "tls/self_signed.h"
#include "tls/tls_context.h"

#ifdef PANGOLIN_FAULTS /* tests wait for two looks */
#define LOOK_US CLOCK_SECOND
#else
#define LOOK_US (5 * CLOCK_SECOND)
#endif
#define DAY_US (CLOCK_SECOND * 60 * 60 * 24)
#define WEEK_US (DAY_US * 7)

/* The facts by which a file is seen to have changed; zeros: there is none. */
struct stamp {
	uint64_t device, inode;
	int64_t size, written_s, written_ns, changed_s, changed_ns;
};

struct stamps {
	struct stamp certificate, key;
};

struct tls_keeper {
	struct tls_shared *shared;
	struct credential_files files;
	struct self_signed self_signed;

	struct stamps tried; /* what was read last, fit or not */
	struct stamps seen;  /* at the last look */
	int64_t look_us, rotate_us, renew_us; /* when next; clock_mono_us() */
};

/* ---- files */

static struct stamp
stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_dev, st.st_ino, st.st_size,
		st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_ctim.tv_sec,
		st.st_ctim.tv_nsec };
}

static struct stamps
stamps_of(struct credential_files files)
{
	return (
	    struct stamps){ stamp_of(files.certificate), stamp_of(files.key) };
}

static bool
is_same(const struct stamps *a, const struct stamps *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* ---- a credential */

static struct str
doubt_about_time(struct arena *a, const char *path, const char *from_or_until,
    int64_t when_us, const char *so)
{
	char when[CLOCK_TEXT];

	clock_format(when_us, when);
	return arena_printf(a, "tls.certificate: %s is valid %s %.10s: %s",
	    path, from_or_until, when, so);
}

/* The doubt that the operator should know about files that can serve; empty:
 * none. */
static struct str
find_doubt(struct arena *a, struct credential_files files,
    const struct credential_facts *facts)
{
	int64_t now = clock_now_us();
	struct stat st;

	if (facts->begins_us > now)
		return doubt_about_time(a, files.certificate, "from",
		    facts->begins_us, "clients refuse it until then");
	if (facts->ends_us < now)
		return doubt_about_time(a, files.certificate, "until",
		    facts->ends_us, "clients refuse it now");
	if (facts->ends_us < now + WEEK_US)
		return doubt_about_time(a, files.certificate, "until",
		    facts->ends_us, "it must be renewed");
	if (stat(files.key, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		return arena_printf(a,
		    "tls.key: everybody on this machine may read %s",
		    files.key);
	return STR("");
}

/* A credential that OpenSSL takes, and what is known of it. */
static enum err
load(struct arena *a, struct credential_files files, enum tls_version least,
    struct credential *ret, struct credential_facts *ret_facts, struct error *e)
{
	SSL_CTX *context = NULL;
	struct credential credential = { 0 };

	TRY(credential_read(a, files, &credential, e));

	enum err err = tls_context_make(&credential, least, &context, e);

	if (err != OK) {
		credential_wipe(&credential);
		return err;
	}
	credential_facts(context, ret_facts);
	SSL_CTX_free(context);
	*ret = credential;
	return OK;
}

static void
tell(struct arena *a, struct credential_files files,
    const struct credential_facts *facts)
{
	struct str doubt = find_doubt(a, files, facts);
	char end[CLOCK_TEXT];

	clock_format(facts->ends_us, end);
	log_line(LEVEL_INFO,
	    "certificate %s until %.10s, SHA-256 fingerprint %s, public key "
	    "sha256//%s",
	    files.certificate, end, facts->fingerprint, facts->key_pin);
	if (doubt.len != 0)
		log_line(LEVEL_WARN, STR_FMT, STR_ARG(doubt));
}

/* Reads the files and hands them to the workers. */
static enum err
publish(struct tls_keeper *k, enum tls_version least, struct error *e)
{
	struct arena *a = arena_new();
	struct credential_facts facts;
	struct credential credential;

	/* first: what changes meanwhile is seen at the next look */
	k->tried = k->seen = stamps_of(k->files);

	enum err err = load(a, k->files, least, &credential, &facts, e);

	if (err == OK) {
		tls_shared_publish(k->shared, &credential, facts.ends_us);
		credential_wipe(&credential);
		tell(a, k->files, &facts);
	}
	arena_free(a);
	return err;
}

/* ---- the start */

static void
choose_files(const struct serving *s, struct tls_keeper *k)
{
	const struct settings *settings = &s->settings;
	bool named = s->account.name != NULL;
	struct str dir = s->app.state_dir;

	if (settings->tls_mode == TLS_FILES) {
		k->files = (struct credential_files){
			arena_cstr(s->arena, settings->tls_certificate),
			arena_cstr(s->arena, settings->tls_key)
		};
		return;
	}
	k->files = (struct credential_files){
		arena_printf(
		    s->arena, STR_FMT "/" SELF_SIGNED_CERTIFICATE, STR_ARG(dir))
		    .ptr,
		arena_printf(s->arena, STR_FMT "/self-signed.key", STR_ARG(dir))
		    .ptr
	};
	k->self_signed = (struct self_signed){ .files = k->files,
		.uid = named ? s->account.uid : (uid_t)-1,
		.gid = named ? s->account.gid : (gid_t)-1,
		.listen = settings->listen.host,
		.names = settings->tls_names };
}

/* Files of the operator are as they are. */
static enum err
keep_self_signed(struct tls_keeper *k, struct error *e)
{
	bool made = false;

	if (k->self_signed.files.certificate == NULL)
		return OK;
	TRY(self_signed_keep(&k->self_signed, &made, e));
	if (made)
		log_line(LEVEL_INFO,
		    "a self-signed certificate has been made: clients that "
		    "are given %s trust this server",
		    k->files.certificate);
	return OK;
}

enum err
tls_keeper_start(struct serving *s, struct error *e)
{
	int64_t now = clock_mono_us();
	struct tls_keeper *k;

	if (!settings_use_tls(&s->settings))
		return OK;
	k = ARENA_NEW(s->arena, struct tls_keeper, 1);
	k->look_us = now + LOOK_US;
	k->rotate_us = now + TICKET_ROTATE_US;
	k->renew_us = now + DAY_US;
	choose_files(s, k);
	TRY(tls_shared_new(&k->shared, e));
	TRY(keep_self_signed(k, e));
	TRY(publish(k, s->settings.tls_min_version, e));
	s->tls_keeper = k;
	s->app.tls = k->shared;
	s->server_settings.tls = k->shared;
	s->server_settings.tls_min_version = s->settings.tls_min_version;
	return OK;
}

/* ---- later */

void
tls_keeper_reread(struct serving *s)
{
	struct tls_keeper *k = s->tls_keeper;
	struct error e = { 0 };
	enum err err;

	if (k == NULL)
		return;
	err = keep_self_signed(k, &e);
	if (err == OK)
		err = publish(k, s->settings.tls_min_version, &e);
	if (err != OK)
		log_line(LEVEL_ERROR, "the certificate stays as it is: %s",
		    e.message);
}

/* Once they have been the same for a while: certificate and key are written
 * one after the other. */
static bool
have_changed(struct tls_keeper *k)
{
	struct stamps now = stamps_of(k->files);
	bool still = is_same(&now, &k->seen);

	k->seen = now;
	return still && !is_same(&now, &k->tried);
}

static void
rotate(struct tls_keeper *k)
{
	struct error e = { 0 };

	if (tls_shared_rotate(k->shared, &e) != OK)
		log_line(
		    LEVEL_ERROR, "ticket keys stay as they are: %s", e.message);
}

static bool
is_time(int64_t now, int64_t *when, int64_t span)
{
	if (now < *when)
		return false;
	*when = now + span;
	return true;
}

void
tls_keeper_tick(struct serving *s)
{
	struct tls_keeper *k = s->tls_keeper;
	int64_t now = clock_mono_us();

	if (k == NULL || !is_time(now, &k->look_us, LOOK_US))
		return;
	if (is_time(now, &k->rotate_us, TICKET_ROTATE_US))
		rotate(k);
	if (is_time(now, &k->renew_us, DAY_US) || have_changed(k))
		tls_keeper_reread(s);
}

enum err
tls_keeper_check(const struct settings *settings, struct error *e)
{
	struct arena *a;
	struct credential_files files;
	struct credential_facts facts;
	struct credential credential;
	enum err err;

	if (settings->tls_mode != TLS_FILES)
		return OK;
	a = arena_new();
	files =
	    (struct credential_files){ arena_cstr(a, settings->tls_certificate),
		    arena_cstr(a, settings->tls_key) };
	err = load(a, files, settings->tls_min_version, &credential, &facts, e);
	if (err == OK) {
		credential_wipe(&credential);

		struct str doubt = find_doubt(a, files, &facts);

		if (doubt.len != 0)
			(void)fprintf(
			    stderr, "pangolin: " STR_FMT "\n", STR_ARG(doubt));
	}
	arena_free(a);
	return err;
}
