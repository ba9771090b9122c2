#include "api/forms_tokens.h"

#include "api/form_table.h"

/* clang-format off */

static const struct form_field mint_request[] = {
	FIELD(mint_request, tenant, "tenant_id", ID, 0,
	    "Tenant of the owner; absent: the one the request is made in.",
	    .alias = "tenant-id"),
	FIELD(mint_request, username, "username", TEXT, 0,
	    "Its owner: a user, or a service user by its id; absent: the "
	    "caller."),
	FIELD(mint_request, roles, "roles", TEXTS, 0,
	    "The first is the most that the token may do; absent: the "
	    "owner's."),
	FIELD(mint_request, hours, "expires_in_hours", INT, 0,
	    "1 to 8760; absent: 24."),
	FIELDS_END
};
const struct form form_mint_request =
	FORM("GenerateTokenRequest", mint_request, true, mint_request);

static const struct form_field minted_token[] = {
	FIELD(minted_token, token, "token", SECRET, FORM_REQUIRED,
	    "For the header Authorization: Bearer; shown this once."),
	FIELD(minted_token, expires_us, "expires_at", TIME, FORM_REQUIRED,
	    "From when on the token is refused."),
	FIELD(minted_token, tenant, "tenant_id", ID, 0,
	    "Tenant of the owner; null: root."),
	FIELDS_END
};
const struct form form_minted_token =
	FORM("GenerateTokenResponse", minted_token, true, minted_token);

static const struct form_field message[] = {
	FIELD(message_body, message, "message", TEXT, FORM_REQUIRED,
	    "What has been done."),
	FIELDS_END
};
const struct form form_message = FORM("Message", message_body, true, message);

static const struct form_field cleaned[] = {
	FIELD(cleaned_body, message, "message", TEXT, FORM_REQUIRED,
	    "What has been done."),
	FIELD(cleaned_body, count, "count", INT, FORM_REQUIRED,
	    "Sessions that were over and are no longer listed."),
	FIELDS_END
};
const struct form form_cleaned = FORM("Cleaned", cleaned_body, true, cleaned);

static const struct form_field token_key[] = {
	FIELD(token_key_info, kid, "kid", TEXT, FORM_REQUIRED,
	    "Name of the key, as in the header of tokens."),
	FIELD(token_key_info, count, "keys", INT, FORM_REQUIRED,
	    "Keys whose tokens are taken, with this one."),
	FIELDS_END
};
const struct form form_token_key =
	FORM("TokenKey", token_key_info, true, token_key);

/* clang-format on */
