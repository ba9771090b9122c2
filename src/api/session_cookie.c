#include "api/session_cookie.h"

#include "api/access.h"
#include "api/form_body.h"
#include "api/handlers.h"
#include "api/links.h"
#include "app/app.h"
#include "http/own_origin.h"
#include "identity/principal.h"
#include "identity/sessions.h"
#include "oidc/code_flow.h"

#define PAGE_HEADER "X-Pangolin-Page"

/* Whether the browser speaks to us, or to a proxy before us, over TLS. */
static bool
is_secure(const struct request *r)
{
	return r->over_tls || str_starts_with(link_base(r), STR("https:"));
}

/* With the prefix a browser takes the cookie from this very host alone (RFC
 * 6265bis, 4.1.3.2), so no sibling of it can put another user's there. */
static struct str
name_of(const struct request *r)
{
	return is_secure(r) ? STR("__Host-pangolin-session")
			    : STR("pangolin-session");
}

struct str
session_cookie_token(const struct request *r)
{
	return cookie_find(request_header(r, STR("Cookie")), name_of(r));
}

/* A proxy may have changed Host, so where the browser says Sec-Fetch-Site that
 * is enough. */
enum err
session_cookie_check(struct request *r)
{
	bool told = request_header(r, STR("Sec-Fetch-Site")).ptr != NULL;

	if (request_header(r, STR(PAGE_HEADER)).ptr == NULL)
		return fail(&r->error, ERR_FORBIDDEN,
		    PAGE_HEADER ": a session by cookie is for requests with "
				"this header; programs send Authorization.");
	if (!fetch_site_is_own(r))
		return fail(&r->error, ERR_FORBIDDEN,
		    "Sec-Fetch-Site: a session by cookie is for pages of this "
		    "server alone.");
	if (!told && !origin_is_own(r, link_base(r)))
		return fail(&r->error, ERR_FORBIDDEN,
		    "Origin: a session by cookie is for pages of this server "
		    "alone; public_url names the address that it is reached "
		    "by.");
	return OK;
}

/* Without Max-Age it ends with the browser, if not before with the session. */
void
session_cookie_set(struct request *r, struct str token)
{
	reply_header(r, "Set-Cookie",
	    arena_printf(r->arena,
		STR_FMT "=" STR_FMT "; Path=/; HttpOnly; SameSite=Strict%s%s",
		STR_ARG(name_of(r)), STR_ARG(token),
		is_secure(r) ? "; Secure" : "",
		token.len == 0 ? "; Max-Age=0" : ""));
	reply_no_store(r);
}

/* A browser must not be signed in by another site either, so the same check is
 * made before the cookie is given. */
enum err
session_post(struct request *r)
{
	struct str token = request_bearer(r);

	TRY(session_cookie_check(r));
	if (token.len == 0 || id_is_nil(r->principal->token))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "Authorization: expected the token of a session, such as "
		    "POST /api/v1/users/login gives");
	session_cookie_set(r, token);
	return OK;
}

enum err
session_delete(struct request *r)
{
	struct call call = request_call(r);

	TRY(session_sign_out(&call, r->app->keys, r->principal));
	session_cookie_set(r, (struct str){ 0 });
	return OK;
}
