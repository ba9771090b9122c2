/* forms_tokens.h - the bodies about tokens that programs ask for. */
#ifndef PANGOLIN_FORMS_TOKENS_H
#define PANGOLIN_FORMS_TOKENS_H

#include "api/form.h"

struct mint_request {
	struct id tenant;
	struct str username;
	struct form_texts roles;
	int64_t hours;
};

struct minted_token {
	struct str token;
	int64_t expires_us;
	struct id tenant;
};

struct message_body {
	struct str message;
};

struct cleaned_body {
	struct str message;
	int64_t count;
};

struct token_key_info {
	struct str kid;
	int64_t count;
};

extern const struct form form_mint_request, form_minted_token;
extern const struct form form_message, form_cleaned, form_token_key;

#endif
