#include "client/client_http.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "object/ca_bundle.h"
#include "object/curl_memory.h"

#define CONNECT_MS 10000L

struct client_http {
	CURL *curl;
	const volatile sig_atomic_t *flag;
};

struct receiver {
	struct arena *arena;
	struct buf body;
	struct client_answer answer;
	bool too_large;
};

struct client_http *
client_http_open(void)
{
	struct client_http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	curl_memory_start();
	h->curl = curl_easy_init();
	if (h->curl != NULL)
		return h;
	free(h);
	return NULL;
}

void
client_http_close(struct client_http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	free(h);
}

void
client_http_watch(struct client_http *h, const volatile sig_atomic_t *flag)
{
	h->flag = flag;
}

/* ---- the answer: what libcurl calls; a result that is less than the part
 * breaks the request off */
static size_t
on_body(char *bytes, size_t size, size_t n, void *at)
{
	struct receiver *to = at;

	if (to->body.len + size * n > CLIENT_ANSWER_MAX) {
		to->too_large = true;
		return 0;
	}
	buf_add(&to->body, (struct str){ bytes, size * n });
	return size * n;
}

static bool
value_of(struct str line, struct str name, struct str *ret)
{
	if (line.len <= name.len || line.ptr[name.len] != ':' ||
	    !str_eq_nocase((struct str){ line.ptr, name.len }, name))
		return false;
	*ret = str_trim(str_skip(line, name.len + 1));
	return true;
}

static size_t
on_header(char *bytes, size_t size, size_t n, void *at)
{
	struct receiver *to = at;
	struct str line = { bytes, size * n }, value;

	while (line.len != 0 && (line.ptr[line.len - 1] == '\n' ||
				    line.ptr[line.len - 1] == '\r'))
		line.len--;
	if (value_of(line, STR("Link"), &value))
		to->answer.link = arena_copy(to->arena, value);
	else if (value_of(line, STR("Retry-After"), &value) &&
		 !str_to_int(value, &to->answer.retry_after_s))
		to->answer.retry_after_s = 0;
	return size * n;
}

static int
on_progress(
    void *at, curl_off_t down, curl_off_t downs, curl_off_t up, curl_off_t ups)
{
	const struct client_http *h = at;

	(void)down;
	(void)downs;
	(void)up;
	(void)ups;
	return h->flag != NULL && *h->flag != 0;
}

/* ---- a request */
static struct curl_slist *
add_header(struct arena *a, struct curl_slist *list, const char *name,
    struct str value)
{
	if (value.ptr == NULL)
		return list;
	return curl_slist_append(
	    list, arena_cstr(a,
		      arena_printf(a, "%s: " STR_FMT, name, STR_ARG(value))));
}

static struct curl_slist *
headers_of(struct arena *a, const struct client_http_request *r)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	struct str json = STR("application/json");

	if (r->token.ptr != NULL)
		list = add_header(a, list, "Authorization",
		    arena_printf(a, "Bearer " STR_FMT, STR_ARG(r->token)));
	list = add_header(a, list, "X-Pangolin-Tenant", r->tenant);
	list = add_header(a, list, "Accept", json);
	return add_header(
	    a, list, "Content-Type", r->body.ptr != NULL ? json : r->body);
}

static void
set_options(const struct client_http *h, struct receiver *to,
    const struct client_http_request *r)
{
	CURL *curl = h->curl;
	struct arena *a = to->arena;

	curl_easy_setopt(curl, CURLOPT_URL, arena_cstr(a, r->url));
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(
	    curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "pangolin/" PANGOLIN_VERSION);
	curl_easy_setopt(curl, CURLOPT_CAINFO,
	    r->ca_file.ptr != NULL ? arena_cstr(a, r->ca_file) : ca_bundle());
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, curl_memory_tls);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, to);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, h);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
	    curl, CURLOPT_TIMEOUT_MS, (long)(r->timeout_us / CLOCK_MS));
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	if (r->body.ptr != NULL) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, r->body.ptr);
	} else if (strcmp(r->method, "GET") != 0) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method);
}

struct client_answer
client_http_send(
    struct client_http *h, struct arena *a, const struct client_http_request *r)
{
	struct receiver to = { .arena = a, .body = buf_in(a) };
	struct curl_slist *headers = headers_of(a, r);
	long status = 0;
	CURLcode code;

	curl_easy_reset(h->curl);
	set_options(h, &to, r);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(h->curl);
	curl_slist_free_all(headers);
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	to.answer.status = code == CURLE_OK ? (int)status : 0;
	to.answer.why = to.too_large ? "its answer is larger than 64 MiB"
				     : curl_easy_strerror(code);
	to.answer.body = buf_str(&to.body);
	return to.answer;
}
