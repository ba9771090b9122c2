/*
 * messages.h - requests, most of them hostile, and what becomes of each.
 *
 * They come from known ways to make two HTTP parsers disagree on where a
 * request ends (RFC 9112, 11.2).  One row is one connection's input; the
 * section is the one of RFC 9110 or 9112 that decides.  What is accepted names
 * the requests that come out; where the standard leaves a choice, we refuse.
 */
#ifndef PANGOLIN_MESSAGES_H
#define PANGOLIN_MESSAGES_H

#include "base/error.h"
#include "base/str.h"

struct message {
	const char *name;
	const char *section; /* of an RFC */
	struct str bytes;
	enum err refused;     /* the last word; OK: none was refused */
	const char *accepted; /* "METHOD path [body]" of each, one a line */
};

/* clang-format off */
#define M(s) { s, sizeof(s) - 1 }
#define HOST "Host: x\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST /v1/oauth/tokens HTTP/1.1\r\n" HOST
#define POSTED "POST /v1/oauth/tokens "
#define NEXT "GET /next HTTP/1.1\r\n" HOST "\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define BAD ERR_BAD_REQUEST
#define NONE ""

static const struct message messages[] = {
	/* lengths */
	{ "two equal Content-Lengths", "9112 6.3", M(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), BAD, NONE },
	{ "two different Content-Lengths", "9112 6.3", M(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), BAD, NONE },
	{ "two Content-Lengths in different letters", "9110 5.1", M(POST "Content-Length: 5\r\ncONTENT-lENGTH: 0\r\n\r\nhello"), BAD, NONE },
	{ "a list of Content-Lengths", "9112 6.3", M(POST "Content-Length: 5, 5\r\n\r\nhello"), BAD, NONE },
	{ "a sign before Content-Length", "9110 8.6", M(POST "Content-Length: +5\r\n\r\nhello"), BAD, NONE },
	{ "a negative Content-Length", "9110 8.6", M(POST "Content-Length: -5\r\n\r\nhello"), BAD, NONE },
	{ "an empty Content-Length", "9110 8.6", M(POST "Content-Length:\r\n\r\nhello"), BAD, NONE },
	{ "a hexadecimal Content-Length", "9110 8.6", M(POST "Content-Length: 0x5\r\n\r\nhello"), BAD, NONE },
	{ "a space in Content-Length", "9110 8.6", M(POST "Content-Length: 1 5\r\n\r\nhello"), BAD, NONE },
	{ "a NUL behind Content-Length", "9110 5.5", M(POST "Content-Length: 5\0\r\n\r\nhello"), BAD, NONE },
	{ "Arabic digits in Content-Length", "9110 8.6", M(POST "Content-Length: \xd9\xa5\r\n\r\nhello"), BAD, NONE },
	{ "a Content-Length of 65 bits that wraps to 5", "9110 8.6", M(POST "Content-Length: 18446744073709551621\r\n\r\nhello"), BAD, NONE },
	{ "a Content-Length of 2^63", "9110 8.6", M(POST "Content-Length: 9223372036854775808\r\n\r\nhello"), ERR_TOO_LARGE, NONE },
	{ "a Content-Length of 2^64 - 1", "9110 8.6", M(POST "Content-Length: 18446744073709551615\r\n\r\nhello"), ERR_TOO_LARGE, NONE },
	{ "zeros before Content-Length", "9110 8.6", M(POST "Content-Length: 00005\r\n\r\nhello"), OK, POSTED "hello\n" },
	{ "spaces round Content-Length", "9112 5.1", M(POST "Content-Length: \t 5  \r\n\r\nhello" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "a tab behind Content-Length", "9112 5.1", M(POST "Content-Length: 5\t\r\n\r\nhello" NEXT), BAD, NONE },
	{ "more than Content-Length", "9112 9.3.2", M(POST "Content-Length: 4\r\n\r\nhello"), ERR_NOT_IMPLEMENTED, POSTED "hell\n" },
	{ "less than Content-Length", "9112 8", M(POST "Content-Length: 6\r\n\r\nhello"), OK, NONE },
	{ "Content_Length, a header like any", "9110 5.1", M(POST "Content_Length: 5\r\n\r\n" NEXT), OK, POSTED "\nGET /next \n" },
	{ "Content-Length, then chunked", "9112 6.3", M(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "chunked, then Content-Length", "9112 6.3", M(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "chunked beside Content-Length: 0", "9112 6.3", M(POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" NEXT), BAD, NONE },
	{ "a space before Content-Length", "9112 2.2", M(POST " Content-Length: 5\r\n\r\nhello"), BAD, NONE },
	{ "a body of GET", "9110 9.3.1", M(GET "Content-Length: 5\r\n\r\nhello"), OK, "GET / hello\n" },
	{ "a body that is a request", "9112 6.3", M(GET "Content-Length: 42\r\n\r\n" "GET /smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\n" NEXT), OK, "GET / GET /smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\n\nGET /next \n" },
	{ "a chunked body of GET", "9110 9.3.1", M(GET "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" NEXT), OK, "GET / hello\nGET /next \n" },

	/* transfer codings */
	{ "identity", "9112 6.3", M(POST "Transfer-Encoding: identity\r\n\r\nhello"), BAD, NONE },
	{ "identity beside Content-Length", "9112 6.3", M(POST "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"), BAD, NONE },
	{ "chunked, identity", "9112 6.3", M(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "gzip, chunked", "9112 6.1", M(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "gzip, then chunked in a line of its own", "9112 6.1", M(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "chunked twice", "9112 6.1", M(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "two lines of chunked", "9112 6.1", M(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "xchunked", "9112 6.3", M(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "chunked in quotes", "9112 6.3", M(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "a vertical tab before chunked", "9112 6.3", M(POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "a no-break space behind chunked", "9112 6.3", M(POST "Transfer-Encoding: chunked\xc2\xa0\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "a NUL behind chunked", "9110 5.5", M(POST "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "an empty Transfer-Encoding", "9112 6.3", M(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "a folded Transfer-Encoding", "9112 5.2", M(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "two Transfer-Encodings", "9112 6.3", M(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "Transfer-Encoding in HTTP/1.0", "9112 6.1", M("POST /v1/oauth/tokens HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "a CR behind chunked", "9112 2.2", M(POST "Transfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "an empty coding before chunked", "9110 5.6.1", M(POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"), OK, POSTED "\n" },
	{ "chunked with a parameter", "9112 7", M(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "Chunked behind a tab", "9112 7", M(POST "Transfer-Encoding:\tChunked \r\n\r\n0\r\n\r\n" NEXT), OK, POSTED "\nGET /next \n" },
	{ "Transfer_Encoding, a header like any", "9110 5.1", M(POST "Transfer_Encoding: chunked\r\n\r\n" NEXT), OK, POSTED "\nGET /next \n" },
	{ "a space before the colon of Transfer-Encoding", "9112 5.1", M(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "Transfer-Encoding behind a bare LF", "9112 2.2", M(POST "A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD, NONE },
	{ "TE: chunked, which frames nothing", "9110 10.1.4", M(POST "TE: chunked\r\nConnection: TE\r\n\r\n" NEXT), OK, POSTED "\nGET /next \n" },

	/* chunks */
	{ "a bare LF behind a chunk size", "9112 7.1", M(CHUNKED "5\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a bare CR behind a chunk size", "9112 7.1", M(CHUNKED "5\rhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "no line end behind chunk data", "9112 7.1", M(CHUNKED "5\r\nhello0\r\n\r\n"), BAD, NONE },
	{ "a bare LF behind chunk data", "9112 7.1", M(CHUNKED "5\r\nhello\n0\r\n\r\n"), BAD, NONE },
	{ "more chunk data than its size", "9112 7.1", M(CHUNKED "4\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "less chunk data than its size", "9112 7.1", M(CHUNKED "6\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "chunk size 0x5", "9112 7.1", M(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a sign before a chunk size", "9112 7.1", M(CHUNKED "+5\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a negative chunk size", "9112 7.1", M(CHUNKED "-5\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "no chunk size", "9112 7.1", M(CHUNKED "\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a space before a chunk size", "9112 7.1", M(CHUNKED " 5\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a space behind a chunk size", "9112 7.1", M(CHUNKED "5 \r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a wide digit for a chunk size", "9112 7.1", M(CHUNKED "\xef\xbc\x95\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a chunk size of 65 bits", "9112 7.1", M(CHUNKED "10000000000000000\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a chunk size of 65 bits that wraps to 5", "9112 7.1", M(CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a chunk size of 64 bits", "9112 7.1", M(CHUNKED "ffffffffffffffff\r\nhello"), ERR_TOO_LARGE, NONE },
	{ "zeros before a chunk size", "9112 7.1", M(CHUNKED "0005\r\nhello\r\n000\r\n\r\n" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "a chunk extension", "9112 7.1.1", M(CHUNKED "5;a=b;c=\"d;e\"\r\nhello\r\n0;f\r\n\r\n" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "a bare LF in a chunk extension", "9112 7.1.1", M(CHUNKED "5;a\nb\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a bare CR in a chunk extension", "9112 7.1.1", M(CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a NUL in a chunk extension", "9112 7.1.1", M(CHUNKED "5;a\0b\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a line end in a quoted chunk extension", "9112 7.1.1", M(CHUNKED "5;a=\"\r\nhello\r\n0\r\n\r\n\"\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a space before a chunk extension", "9112 7.1.1", M(CHUNKED "5 ;a=b\r\nhello\r\n0\r\n\r\n"), BAD, NONE },
	{ "a trailer, which is not a header", "9110 6.5.1", M(CHUNKED "5\r\nhello\r\n0\r\nExpect: tea\r\n\r\n" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "Content-Length in a trailer", "9110 6.5.1", M(CHUNKED "0\r\nContent-Length: 5\r\n\r\n"), BAD, NONE },
	{ "Transfer-Encoding in a trailer", "9110 6.5.1", M(CHUNKED "0\r\nTransfer-Encoding: chunked\r\n\r\n" NEXT), BAD, NONE },
	{ "a bare LF behind a trailer", "9112 2.2", M(CHUNKED "0\r\nA: b\nC: d\r\n\r\n"), BAD, NONE },
	{ "a bare LF behind the last chunk", "9112 7.1", M(CHUNKED "0\r\n\n" NEXT), BAD, NONE },
	{ "a folded trailer", "9112 5.2", M(CHUNKED "0\r\nA: b\r\n c\r\n\r\n"), BAD, NONE },
	{ "a space in a trailer's name", "9112 5.1", M(CHUNKED "0\r\nA : b\r\n\r\n"), BAD, NONE },
	{ "no end of the last chunk", "9112 8", M(CHUNKED "5\r\nhello\r\n0\r\n"), OK, NONE },

	/* line ends (CVE-2023-30589, CVE-2025-23167, CVE-2024-27982) */
	{ "bare LFs everywhere", "9112 2.2", M("GET / HTTP/1.1\nHost: x\n\n"), BAD, NONE },
	{ "a bare LF behind the first line", "9112 2.2", M("GET / HTTP/1.1\nHost: x\r\n\r\n"), BAD, NONE },
	{ "a bare CR behind the first line", "9112 2.2", M("GET / HTTP/1.1\rHost: x\r\n\r\n"), BAD, NONE },
	{ "a bare LF behind a header", "9112 2.2", M("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"), BAD, NONE },
	{ "a bare CR in a header", "9112 2.2", M(GET "A: b\rC: d\r\n\r\n"), BAD, NONE },
	{ "a header behind two CRs", "9112 2.2", M(GET "A: b\r\rTransfer-Encoding: chunked\r\n\r\n"), BAD, NONE },
	{ "a header behind an empty one and CR", "9112 2.2", M(POST "X-Abc:\rxTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n"), BAD, NONE },
	{ "CR LF CR X for the end of the head", "9112 2.2", M(GET "A: b\r\n\rXGET /admin HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "CR CR LF for the end of the head", "9112 2.2", M(GET "A:\r\n\r\r\n\r\n"), BAD, NONE },
	{ "LF for the end of the head", "9112 2.2", M(GET "A: b\r\n\n" NEXT), BAD, NONE },
	{ "a folded header", "9112 5.2", M(GET "A: b\r\n c\r\n\r\n"), BAD, NONE },
	{ "a header folded by a tab", "9112 5.2", M(GET "A: b\r\n\tc\r\n\r\n"), BAD, NONE },
	{ "a folded Host", "9112 5.2", M("GET / HTTP/1.1\r\nHost:\r\n x\r\n\r\n"), BAD, NONE },
	{ "a space before the first header", "9112 2.2", M("GET / HTTP/1.1\r\n Host: x\r\n\r\n"), BAD, NONE },
	{ "an empty line first", "9112 2.2", M("\r\n" GET "\r\n"), OK, "GET / \n" },
	{ "an empty line between requests", "9112 2.2", M(GET "\r\n\r\n" NEXT), OK, "GET / \nGET /next \n" },

	/* headers */
	{ "NUL in a value", "9110 5.5", M(GET "A: b\0c\r\n\r\n"), BAD, NONE },
	{ "a control character in a value", "9110 5.5", M(GET "A: b\x01" "c\r\n\r\n"), BAD, NONE },
	{ "DEL in a value", "9110 5.5", M(GET "A: b\x7f" "c\r\n\r\n"), BAD, NONE },
	{ "a space before the colon", "9112 5.1", M(POST "Content-Length : 5\r\n\r\nhello"), BAD, NONE },
	{ "a tab before the colon", "9112 5.1", M(POST "Content-Length\t: 5\r\n\r\nhello"), BAD, NONE },
	{ "a no-break space before the colon", "9110 5.6.2", M(POST "Content-Length\xc2\xa0: 5\r\n\r\nhello"), BAD, NONE },
	{ "NUL in a name", "9110 5.6.2", M(POST "Content-Length\0: 5\r\n\r\nhello"), BAD, NONE },
	{ "UTF-8 in a name", "9110 5.6.2", M(GET "\xc3\xa9: x\r\n\r\n"), BAD, NONE },
	{ "a parenthesis in a name", "9110 5.6.2", M(GET "A(b): c\r\n\r\n"), BAD, NONE },
	{ "a byte order mark before a name", "9110 5.6.2", M("GET / HTTP/1.1\r\n\xef\xbb\xbfHost: x\r\n\r\n"), BAD, NONE },
	{ "every other token character in a name", "9110 5.6.2", M(GET "!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n"), OK, "GET / \n" },
	{ "no colon", "9112 5", M(GET "FooBar\r\n\r\n"), BAD, NONE },
	{ "no name", "9112 5", M(GET ": x\r\n\r\n"), BAD, NONE },
	{ "no value", "9112 5", M(GET "A:\r\n\r\n"), OK, "GET / \n" },
	{ "a tab and UTF-8 in a value", "9110 5.5", M(GET "A: a\tb\xc3\xa9\r\n\r\n"), OK, "GET / \n" },
	{ "a Connection that lists Content-Length", "9110 7.6.1", M(POST "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "a Connection that lists Transfer-Encoding", "9110 7.6.1", M(POST "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), OK, POSTED "\nGET /next \n" },
	{ "a Connection that lists Host", "9110 7.6.1", M(GET "Connection: Host\r\n\r\n" NEXT), OK, "GET / \nGET /next \n" },
	{ "two Authorizations", "9110 11.6.2", M(GET "Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n"), BAD, NONE },
	{ "two X-API-Keys", "9110 5.3", M(GET "X-API-Key: a\r\nx-api-key: a\r\n\r\n"), BAD, NONE },
	{ "two X-Pangolin-Tenants", "9110 5.3", M(GET "X-Pangolin-Tenant: a\r\nx-pangolin-tenant: b\r\n\r\n"), BAD, NONE },
	{ "two Idempotency-Keys", "9110 5.3", M(GET "Idempotency-Key: a\r\nidempotency-key: b\r\n\r\n"), BAD, NONE },

	/* hosts */
	{ "no Host", "9112 3.2", M("GET / HTTP/1.1\r\n\r\n"), BAD, NONE },
	{ "two Hosts", "9112 3.2", M("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), BAD, NONE },
	{ "two equal Hosts", "9112 3.2", M(GET "hOST: x\r\n\r\n"), BAD, NONE },
	{ "two Hosts in HTTP/1.0", "9112 3.2", M("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), BAD, NONE },
	{ "a list of Hosts", "9112 3.2", M("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), BAD, NONE },
	{ "a path in Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"), BAD, NONE },
	{ "a user in Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: me@x\r\n\r\n"), BAD, NONE },
	{ "letters for the port of Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: x:80a\r\n\r\n"), BAD, NONE },
	{ "two ports of Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: x:80:81\r\n\r\n"), BAD, NONE },
	{ "half a bracket in Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), BAD, NONE },
	{ "UTF-8 in Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n"), BAD, NONE },
	{ "an IPv6 address and a port in Host", "9110 7.2", M("GET / HTTP/1.1\r\nHost: [::1]:8181\r\n\r\n"), OK, "GET / \n" },
	{ "an empty Host", "9112 3.2", M("GET / HTTP/1.1\r\nHost:\r\n\r\n"), OK, "GET / \n" },

	/* methods */
	{ "a plain GET", "9112 3", M(GET "\r\n"), OK, "GET / \n" },
	{ "a method in small letters", "9110 9.1", M("get / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "an unknown method", "9110 9.1", M("BREW / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "TRACE", "9110 9.3.8", M("TRACE / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "CONNECT", "9110 9.3.6", M("CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n" NEXT), ERR_NOT_IMPLEMENTED, NONE },
	{ "CONNECT with a path", "9112 3.2.3", M("CONNECT / HTTP/1.1\r\n" HOST "\r\n" NEXT), ERR_NOT_IMPLEMENTED, NONE },
	{ "a method of another protocol", "9110 9.1", M("DESCRIBE / HTTP/1.1\r\n" HOST "\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "NUL in a method", "9110 5.6.2", M("G\0T / HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "a bracket in a method", "9110 5.6.2", M("GE[ / HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "UTF-8 before a method", "9110 5.6.2", M("\xef\xbb\xbf" GET "\r\n"), BAD, NONE },
	{ "a space before a method", "9112 3", M(" " GET "\r\n"), ERR_NOT_IMPLEMENTED, NONE },
	{ "a TLS handshake", "9112 3", M("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"), BAD, NONE },

	/* targets */
	{ "0x1f in the path", "9112 3.2", M("GET /a\x1f" "b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "NUL in the path", "9112 3.2", M("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "DEL in the path", "9112 3.2", M("GET /a\x7f" "b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "UTF-8 in the path", "9112 3.2", M("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "a space in the path", "9112 3.2", M("GET /a b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "a fragment", "9112 3.2.1", M("GET /a#b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "no slash before the path", "9112 3.2.1", M("GET a/b HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "no target", "9112 3.2", M("GET HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "encoded dots, which stay as they are", "9112 3.2.1", M("GET /a/%2e%2e/b HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /a/%2e%2e/b \n" },
	{ "dots, which stay as they are", "9112 3.2.1", M("GET /a/../next HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /a/../next \n" },
	{ "two slashes, which are no host", "9112 3.2.1", M("GET //x/next HTTP/1.1\r\n" HOST "\r\n"), OK, "GET //x/next \n" },
	{ "an encoded line end and request", "9112 3.2.1", M("GET /a%20HTTP/1.1%0d%0aHost:%20y HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /a%20HTTP/1.1%0d%0aHost:%20y \n" },
	{ "an encoded NUL", "9112 3.2.1", M("GET /next%00 HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /next%00 \n" },
	{ "half an escape", "9112 3.2.1", M("GET /next% HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /next% \n" },
	{ "an absolute target of another host", "9112 3.2.2", M("GET http://y/next HTTP/1.1\r\n" HOST "\r\n"), OK, "GET /next \n" },
	{ "an absolute target without a path", "9112 3.2.2", M("GET HTTP://y?q HTTP/1.1\r\n" HOST "\r\n"), OK, "GET / \n" },
	{ "an absolute target without a host", "9110 4.2.1", M("GET http:///next HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "an absolute target with a user", "9110 4.2.4", M("GET http://me:secret@y/next HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "an absolute target of another scheme", "9112 3.2.2", M("GET ftp://y/next HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "an absolute target without Host", "9112 3.2.2", M("GET http://y/next HTTP/1.1\r\n\r\n"), BAD, NONE },
	{ "a host and port for GET", "9112 3.2.3", M("GET x:80 HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "an asterisk for GET", "9112 3.2.4", M("GET * HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "an asterisk for OPTIONS", "9112 3.2.4", M("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },

	/* versions */
	{ "HTTP/1.2", "9110 2.5", M("GET / HTTP/1.2\r\n" HOST "\r\n"), ERR_HTTP_VERSION, NONE },
	{ "HTTP/3.0", "9110 2.5", M("GET / HTTP/3.0\r\n" HOST "\r\n"), ERR_HTTP_VERSION, NONE },
	{ "HTTP/0.9", "9112 2.3", M("GET /\r\n\r\n"), ERR_HTTP_VERSION, NONE },
	{ "HTTP/0.9 in as many words", "9112 2.3", M("GET / HTTP/0.9\r\n" HOST "\r\n"), ERR_HTTP_VERSION, NONE },
	{ "HTTP/2", "9112 2.3", M("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_HTTP_VERSION, NONE },
	{ "HTTP/2 behind a request", "9112 2.3", M(GET "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_HTTP_VERSION, "GET / \n" },
	{ "http/1.1 in small letters", "9112 2.3", M("GET / http/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "HTTP/1", "9112 2.3", M("GET / HTTP/1\r\n" HOST "\r\n"), BAD, NONE },
	{ "HTTP/1.10", "9112 2.3", M("GET / HTTP/1.10\r\n" HOST "\r\n"), BAD, NONE },
	{ "HTTP/01.1", "9112 2.3", M("GET / HTTP/01.1\r\n" HOST "\r\n"), ERR_HTTP_VERSION, NONE },
	{ "RTSP/1.0", "9112 2.3", M("GET / RTSP/1.0\r\n" HOST "\r\n"), BAD, NONE },
	{ "a space behind the version", "9112 3", M("GET / HTTP/1.1 \r\n" HOST "\r\n"), BAD, NONE },
	{ "two versions", "9112 3", M("GET / HTTP/1.1 HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "two spaces before the path", "9112 3", M("GET  / HTTP/1.1\r\n" HOST "\r\n"), OK, "GET / \n" },
	{ "a tab before the path", "9112 3", M("GET\t/ HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
	{ "a vertical tab before the version", "9112 3", M("GET /\x0bHTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },

	/* expectations */
	{ "100-continue with its body", "9110 10.1.1", M(POST "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\nhello" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "100-continue without a body", "9110 10.1.1", M(GET "Expect: 100-continue\r\n\r\n" NEXT), OK, "GET / \nGET /next \n" },
	{ "100-continue in HTTP/1.0", "9110 10.1.1", M("POST /v1/oauth/tokens HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"), OK, POSTED "hello\n" },
	{ "another expectation", "9110 10.1.1", M(POST "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello"), ERR_EXPECTATION, NONE },
	{ "another expectation beside 100-continue", "9110 10.1.1", M(POST "Expect: 100-continue, tea\r\nContent-Length: 5\r\n\r\nhello"), ERR_EXPECTATION, NONE },
	{ "another expectation in a line of its own", "9110 10.1.1", M(POST "Expect: 100-continue\r\nExpect: tea\r\nContent-Length: 5\r\n\r\nhello"), ERR_EXPECTATION, NONE },

	/* what comes behind */
	{ "a request behind Connection: close", "9112 9.6", M(GET "Connection: close\r\n\r\n" NEXT), OK, "GET / \n" },
	{ "close beside keep-alive", "9112 9.3", M(GET "Connection: keep-alive\r\nConnection: close\r\n\r\n" NEXT), OK, "GET / \n" },
	{ "a request behind HTTP/1.0", "9112 9.3", M("GET / HTTP/1.0\r\n\r\n" NEXT), OK, "GET / \n" },
	{ "a request behind keep-alive in HTTP/1.0", "9112 9.3", M("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" NEXT), OK, "GET / \nGET /next \n" },
	{ "an upgrade to h2c", "9110 7.8", M(GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n" NEXT), OK, "GET / \nGET /next \n" },
	{ "an upgrade of a request with a body", "9110 7.8", M(POST "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "an upgrade of a chunked request", "9110 7.8", M(POST "Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" NEXT), OK, POSTED "hello\nGET /next \n" },
	{ "three ways to frame in one go", "9112 9.3.2", M(GET "\r\n" POST "Content-Length: 5\r\n\r\nhello" CHUNKED "5\r\nworld\r\n0\r\n\r\n" NEXT), OK, "GET / \n" POSTED "hello\n" POSTED "world\nGET /next \n" },
	{ "a bad request between good ones", "9112 9.3.2", M(GET "\r\nGET / HTTP/1.1\r\n\r\n" NEXT), BAD, "GET / \n" },
	{ "CL.TE: chunks behind the length", "9112 11.2", M(POST "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG" NEXT), BAD, NONE },
	{ "TE.CL: a request in a chunk", "9112 11.2", M(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2d\r\n" NEXT "\r\n0\r\n\r\n"), BAD, NONE },
	{ "TE.TE: one of two codings disguised", "9112 11.2", M(POST "Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" NEXT), BAD, NONE },
	{ "0.CL: a length that only one side sees", "9112 11.2", M(GET "Content-Length\x0b: 38\r\n\r\n" NEXT), BAD, NONE },
	{ "a header that hides a request", "9112 5.2", M(GET "A:\r\n" "GET /smuggled HTTP/1.1\r\n" HOST "\r\n"), BAD, NONE },
};
/* clang-format on */

#define MESSAGE_COUNT (sizeof(messages) / sizeof(messages[0]))

#endif
