#include "api/commit_message.h"

#define HEADER "X-Pangolin-Commit-Message"

enum err
commit_message_check(const char *field, struct str message, struct error *e)
{
	bool plain = message.len != 0 && message.len <= COMMIT_MESSAGE_MAX &&
		     str_is_utf8(message);

	for (size_t i = 0; plain && i < message.len; i++) {
		unsigned char c = (unsigned char)message.ptr[i];

		plain = (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t';
	}
	if (plain)
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "%s: expected 1 to %d bytes of UTF-8 without control characters",
	    field, COMMIT_MESSAGE_MAX);
}

enum err
commit_message_read(struct request *r, struct str *ret)
{
	struct str message = request_header(r, STR(HEADER));

	*ret = message;
	if (message.ptr == NULL)
		return OK;
	return commit_message_check(HEADER, message, &r->error);
}
