/*
 * messages.h - fifty requests, most of them hostile, and what becomes of each.
 *
 * They come from known ways to make two HTTP parsers disagree on where a
 * request ends (RFC 9112, 11.2).  One row is one message; what is accepted
 * names the requests it holds.
 */
#ifndef PANGOLIN_MESSAGES_H
#define PANGOLIN_MESSAGES_H

#include "base/error.h"
#include "base/str.h"

struct message {
	const char *name;
	struct str bytes;
	enum err refused;     /* OK: accepted */
	const char *accepted; /* "METHOD path [body]" of each, one a line */
};

/* clang-format off */
#define M(s) { s, sizeof(s) - 1 }
#define HOST "Host: x\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define BAD ERR_BAD_REQUEST

static const struct message messages[] = {
	/* lengths */
	{ "two equal Content-Lengths", M(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), BAD, NULL },
	{ "two different Content-Lengths", M(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), BAD, NULL },
	{ "a list of Content-Lengths", M(POST "Content-Length: 5, 5\r\n\r\nhello"), BAD, NULL },
	{ "a sign before Content-Length", M(POST "Content-Length: +5\r\n\r\nhello"), BAD, NULL },
	{ "Content-Length, then chunked", M(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "chunked, then Content-Length", M(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "a space before Content-Length", M(POST " Content-Length: 5\r\n\r\nhello"), BAD, NULL },
	{ "a body of GET", M(GET "Content-Length: 5\r\n\r\nhello"), OK, "GET / hello\n" },

	/* transfer codings */
	{ "chunked, identity", M(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "xchunked", M(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "two Transfer-Encodings", M(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "Transfer-Encoding in HTTP/1.0", M("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "a CR behind chunked", M(POST "Transfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n"), BAD, NULL },
	{ "an empty coding before chunked", M(POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"), OK, "POST / \n" },
	{ "chunked with a parameter", M(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), BAD, NULL },

	/* chunks */
	{ "a bare LF behind a chunk size", M(CHUNKED "5\nhello\r\n0\r\n\r\n"), BAD, NULL },
	{ "no line end behind chunk data", M(CHUNKED "5\r\nhello0\r\n\r\n"), BAD, NULL },
	{ "chunk size 0x5", M(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"), BAD, NULL },
	{ "a chunk size of 65 bits", M(CHUNKED "10000000000000000\r\nhello\r\n0\r\n\r\n"), BAD, NULL },
	{ "a bare LF in a chunk extension", M(CHUNKED "5;a\nb\r\nhello\r\n0\r\n\r\n"), BAD, NULL },
	{ "a space behind a chunk size", M(CHUNKED "5 \r\nhello\r\n0\r\n\r\n"), BAD, NULL },
	{ "Content-Length in a trailer", M(CHUNKED "0\r\nContent-Length: 5\r\n\r\n"), BAD, NULL },

	/* line ends (CVE-2023-30589, CVE-2025-23167, CVE-2024-27982) */
	{ "bare LFs everywhere", M("GET / HTTP/1.1\nHost: x\n\n"), BAD, NULL },
	{ "a bare LF behind a header", M("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"), BAD, NULL },
	{ "a bare CR in a header", M(GET "A: b\rC: d\r\n\r\n"), BAD, NULL },
	{ "a header behind two CRs", M(GET "A: b\r\rTransfer-Encoding: chunked\r\n\r\n"), BAD, NULL },
	{ "a header behind an empty one and CR", M(POST "X-Abc:\rxTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n"), BAD, NULL },
	{ "CR LF CR X for the end of the head", M(GET "A: b\r\n\rXGET /admin HTTP/1.1\r\n" HOST "\r\n"), BAD, NULL },
	{ "CR CR LF for the end of the head", M(GET "A:\r\n\r\r\n\r\n"), BAD, NULL },
	{ "a folded header", M(GET "A: b\r\n c\r\n\r\n"), BAD, NULL },
	{ "an empty line first", M("\r\n" GET "\r\n"), OK, "GET / \n" },

	/* headers */
	{ "NUL in a value", M(GET "A: b\0c\r\n\r\n"), BAD, NULL },
	{ "a space before the colon", M(POST "Content-Length : 5\r\n\r\nhello"), BAD, NULL },
	{ "no colon", M(GET "FooBar\r\n\r\n"), BAD, NULL },
	{ "no name", M(GET ": x\r\n\r\n"), BAD, NULL },
	{ "no value", M(GET "A:\r\n\r\n"), OK, "GET / \n" },
	{ "a tab and UTF-8 in a value", M(GET "A: a\tb\xc3\xa9\r\n\r\n"), OK, "GET / \n" },
	{ "no Host", M("GET / HTTP/1.1\r\n\r\n"), BAD, NULL },
	{ "two Hosts", M("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), BAD, NULL },

	/* first lines */
	{ "a plain GET", M(GET "\r\n"), OK, "GET / \n" },
	{ "0x1f in the path", M("GET /a\x1f" "b HTTP/1.1\r\n" HOST "\r\n"), BAD, NULL },
	{ "UTF-8 in the path", M("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), BAD, NULL },
	{ "a method in small letters", M("get / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NULL },
	{ "an unknown method", M("BREW / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NULL },
	{ "HTTP/1.2", M("GET / HTTP/1.2\r\n" HOST "\r\n"), ERR_HTTP_VERSION, NULL },
	{ "HTTP/0.9", M("GET /\r\n\r\n"), ERR_HTTP_VERSION, NULL },
	{ "HTTP/2", M("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_HTTP_VERSION, NULL },
	{ "two spaces before the path", M("GET  / HTTP/1.1\r\n" HOST "\r\n"), OK, "GET / \n" },

	/* what comes behind */
	{ "a request behind Connection: close", M(GET "Connection: close\r\n\r\nGET /x HTTP/1.1\r\n" HOST "\r\n"), OK, "GET / \n" },
	{ "an upgrade to h2c", M(GET "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /x HTTP/1.1\r\n" HOST "\r\n"), OK, "GET / \nGET /x \n" },
};
/* clang-format on */

#define MESSAGE_COUNT (sizeof(messages) / sizeof(messages[0]))

#endif
