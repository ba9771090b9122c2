#include "tls/tls_shared.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <sys/mman.h>

struct tls_shared {
	alignas(64) _Atomic unsigned credential_version;
	_Atomic int64_t ends_us;
	size_t certificate_len, key_len;
	char certificate[CREDENTIAL_CERTIFICATE_MAX], key[CREDENTIAL_KEY_MAX];

	alignas(64) _Atomic unsigned ticket_version;
	struct ticket_key ticket[TICKET_KEYS];
};

/* ---- versions: one writer, and readers that try again */

static void
begin_writing(_Atomic unsigned *version)
{
	atomic_fetch_add(version, 1);
	atomic_thread_fence(memory_order_seq_cst);
}

static void
end_writing(_Atomic unsigned *version)
{
	atomic_thread_fence(memory_order_seq_cst);
	atomic_fetch_add(version, 1);
}

/* Waits for a writer, which has nothing else to do meanwhile. */
static unsigned
begin_reading(const _Atomic unsigned *version)
{
	unsigned now;

	while ((now = atomic_load(version)) % 2 != 0)
		(void)sched_yield();
	return now;
}

static bool
is_torn(const _Atomic unsigned *version, unsigned begun)
{
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load(version) != begun;
}

/* ---- */

enum err
tls_shared_new(struct tls_shared **ret, struct error *e)
{
	struct tls_shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return fail(e, ERR_INTERNAL,
		    "Cannot map %zu bytes of shared memory.", sizeof(*s));
	(void)madvise(s, sizeof(*s), MADV_DONTDUMP);
	/* a name of zeros would be a key that anybody knows */
	for (int i = 0; i < TICKET_KEYS; i++)
		TRY(tls_shared_rotate(s, e));
	*ret = s;
	return OK;
}

void
tls_shared_publish(
    struct tls_shared *s, const struct credential *credential, int64_t ends_us)
{
	begin_writing(&s->credential_version);
	OPENSSL_cleanse(s->key, s->key_len);
	s->certificate_len = credential->certificate.len;
	s->key_len = credential->key.len;
	memcpy(s->certificate, credential->certificate.ptr,
	    credential->certificate.len);
	memcpy(s->key, credential->key.ptr, credential->key.len);
	atomic_store(&s->ends_us, ends_us);
	end_writing(&s->credential_version);
}

unsigned
tls_shared_version(const struct tls_shared *s)
{
	return begin_reading(&s->credential_version);
}

void
tls_shared_take(const struct tls_shared *s, struct arena *a,
    struct credential *ret, unsigned *ret_version)
{
	char *certificate = arena_alloc(a, 1, CREDENTIAL_CERTIFICATE_MAX);
	char *key = arena_alloc(a, 1, CREDENTIAL_KEY_MAX);
	struct credential credential = { 0 };
	unsigned version;

	do {
		version = begin_reading(&s->credential_version);
		memcpy(certificate, s->certificate, CREDENTIAL_CERTIFICATE_MAX);
		memcpy(key, s->key, CREDENTIAL_KEY_MAX);
		credential.certificate =
		    (struct str){ certificate, s->certificate_len };
		credential.key = (struct str){ key, s->key_len };
	} while (is_torn(&s->credential_version, version));
	*ret = credential;
	*ret_version = version;
}

int64_t
tls_shared_ends_us(const struct tls_shared *s)
{
	return atomic_load(&s->ends_us);
}

/* ---- tickets */

enum err
tls_shared_rotate(struct tls_shared *s, struct error *e)
{
	struct ticket_key fresh;

	if (RAND_bytes((unsigned char *)&fresh, (int)sizeof(fresh)) != 1)
		return fail(e, ERR_INTERNAL, "OpenSSL has no random numbers.");
	begin_writing(&s->ticket_version);
	memmove(
	    s->ticket + 1, s->ticket, sizeof(s->ticket) - sizeof(s->ticket[0]));
	s->ticket[0] = fresh;
	end_writing(&s->ticket_version);
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	return OK;
}

void
tls_shared_tickets(
    const struct tls_shared *s, struct ticket_key ret[TICKET_KEYS])
{
	unsigned version;

	do {
		version = begin_reading(&s->ticket_version);
		memcpy(ret, s->ticket, sizeof(s->ticket));
	} while (is_torn(&s->ticket_version, version));
}
