/* test_self_signed.c - when a certificate is made, and of what. */
#include "tls/self_signed.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/scratch.h"
#include "tls/tls_context.h"

struct fixture {
	char certificate[128], key[128];
	struct self_signed own;
	struct arena *arena;
};

static int
set_up(void **state)
{
	static struct fixture f;

	make_scratch();
	memset(&f, 0, sizeof(f));
	(void)snprintf(f.certificate, sizeof(f.certificate), "%s/c", scratch);
	(void)snprintf(f.key, sizeof(f.key), "%s/k", scratch);
	f.own = (struct self_signed){ .files = { f.certificate, f.key },
		.uid = (uid_t)-1,
		.listen = STR("0.0.0.0") };
	f.arena = arena_new();
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	remove_scratch();
	return 0;
}

/* Is there a new one? */
static bool
keep(struct fixture *f)
{
	struct error e;
	bool made = false;

	assert_int_equal(self_signed_keep(&f->own, &made, &e), OK);
	return made;
}

static SSL_CTX *
served(struct fixture *f)
{
	struct credential credential;
	SSL_CTX *context = NULL;
	struct error e;

	assert_int_equal(
	    credential_read(f->arena, f->own.files, &credential, &e), OK);
	assert_int_equal(
	    tls_context_make(&credential, TLS_1_2, &context, &e), OK);
	return context;
}

static bool
has_name(struct fixture *f, const char *name)
{
	SSL_CTX *context = served(f);
	X509 *certificate = SSL_CTX_get0_certificate(context);
	bool has = X509_check_host(certificate, name, 0, 0, NULL) == 1 ||
		   X509_check_ip_asc(certificate, name, 0) == 1;

	SSL_CTX_free(context);
	return has;
}

static struct credential_facts
facts(struct fixture *f)
{
	struct credential_facts facts;
	SSL_CTX *context = served(f);

	credential_facts(context, &facts);
	SSL_CTX_free(context);
	return facts;
}

static void
makes_one_and_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_true(keep(f));
	assert_false(keep(f));
	assert_int_equal(stat(f->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(f->certificate, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_true(has_name(f, "localhost"));
	assert_true(has_name(f, "127.0.0.1"));
	assert_true(has_name(f, "::1"));
	assert_false(has_name(f, "0.0.0.0"));
}

static void
a_new_name_needs_a_new_one_of_the_old_key(void **state)
{
	struct fixture *f = *state;
	struct str names[] = { STR("lake.example"), STR("192.0.2.7") };

	assert_true(keep(f));

	struct credential_facts before = facts(f);

	f->own.names = (struct str_list){ names, 2, 2 };
	f->own.listen = STR("2001:db8::7");
	assert_true(keep(f));
	assert_false(keep(f));
	assert_true(has_name(f, "lake.example"));
	assert_true(has_name(f, "192.0.2.7"));
	assert_true(has_name(f, "2001:db8::7"));

	struct credential_facts after = facts(f);

	assert_string_equal(before.key_pin, after.key_pin);
	assert_string_not_equal(before.fingerprint, after.fingerprint);
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
what_is_spoilt_is_made_again(void **state)
{
	struct fixture *f = *state;

	assert_true(keep(f));

	struct credential_facts before = facts(f);

	write_text(f->certificate, "nothing");
	assert_true(keep(f));
	assert_string_equal(facts(f).key_pin, before.key_pin);
	write_text(f->key, "nothing");
	assert_true(keep(f));
	assert_string_not_equal(facts(f).key_pin, before.key_pin);
	assert_false(keep(f));
}

static void
says_which_file_cannot_be_written(void **state)
{
	struct fixture *f = *state;
	struct error e;
	bool made = false;

	f->own.files.key = "/nowhere/k";
	assert_int_equal(self_signed_keep(&f->own, &made, &e), ERR_UNAVAILABLE);
	assert_non_null(strstr(e.message, "/nowhere/k"));
	assert_false(made);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_one_and_keeps_it),
		TEST(a_new_name_needs_a_new_one_of_the_old_key),
		TEST(what_is_spoilt_is_made_again),
		TEST(says_which_file_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
