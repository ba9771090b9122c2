#include "api/forms_oidc.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field oauth_providers[] = {
	FIELD(oauth_providers, providers, "providers", TEXTS, FORM_REQUIRED,
	    "Names for GET /oauth/authorize/{provider}."),
	FIELDS_END
};
const struct form form_oauth_providers =
	FORM("OAuthProviders", oauth_providers, true, oauth_providers);

static const struct form_field exchange_request[] = {
	FIELD(exchange_request, code, "code", TEXT, FORM_REQUIRED,
	    "From the query of the address that the sign-in ended at."),
	FIELDS_END
};
const struct form form_exchange_request =
	FORM("ExchangeRequest", exchange_request, true, exchange_request);

static const struct form_field exchanged_token[] = {
	FIELD(exchanged_token, token, "token", SECRET, FORM_REQUIRED,
	    "For the header Authorization: Bearer."),
	FIELD(exchanged_token, token_type, "token_type", TEXT, FORM_REQUIRED,
	    "Bearer."),
	FIELDS_END
};
const struct form form_exchanged_token =
	FORM("ExchangedToken", exchanged_token, true, exchanged_token);

/* clang-format on */
