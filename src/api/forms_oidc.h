/* forms_oidc.h - the bodies of sign-in with a provider. */
#ifndef PANGOLIN_FORMS_OIDC_H
#define PANGOLIN_FORMS_OIDC_H

#include "api/form.h"

struct oauth_providers {
	struct form_texts providers;
};

struct exchange_request {
	struct str code;
};

struct exchanged_token {
	struct str token, token_type;
};

extern const struct form form_oauth_providers, form_exchange_request;
extern const struct form form_exchanged_token;

#endif
