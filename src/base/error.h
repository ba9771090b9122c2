/*
 * error.h - error codes and messages, from the place of the failure to the
 * client.
 *
 * Functions that can fail return `enum err`; zero is success.  The same row of
 * errors.def gives the HTTP status and the Iceberg `error.type`, so a failure
 * is named once and never translated.
 */
#ifndef PANGOLIN_ERROR_H
#define PANGOLIN_ERROR_H

enum err {
	OK = 0,
#define X(name, http, type) name,
#include "base/errors.def"
#undef X
	ERR_COUNT
};

/* Filled by the function that fails first; its callers pass it on. */
struct error {
	enum err code;
	char message[736]; /* one sentence, UTF-8, no secrets, no driver text */
};

int err_http(enum err);
const char *err_type(enum err);

/* Records a failure and returns its code: return fail(e, ERR_..., "...").  A
 * message that does not fit is cut between two characters. */
enum err fail(struct error *, enum err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define MUST_CHECK __attribute__((warn_unused_result))

/* Return the error of `expr`, if it has one: the only macro that returns. */
#define TRY(expr)                                                              \
	do {                                                                   \
		enum err try_err_ = (expr);                                    \
		if (try_err_ != OK)                                            \
			return try_err_;                                       \
	} while (0)

#endif
