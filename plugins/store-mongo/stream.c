/*
 * stream.c - bounds the wait of a call for the server by its deadline.
 *
 * The driver has one time-out for all answers, and a server that has gone
 * silent would hold up the leader of a group commit, and all behind it.
 */
#include "base/clock.h"
#include "mongo.h"

/* Behind the deadline: a transaction may still be taken back. */
#define LEAST_MS 500

/* The driver itself connects with this; it is in its library, in no header. */
mongoc_stream_t *mongoc_client_default_stream_initiator(const mongoc_uri_t *,
    const mongoc_host_list_t *, void *client, bson_error_t *);

static _Thread_local int64_t deadline;

/* Of the driver's streams, which are all of one kind. */
static ssize_t (*_Atomic driver_readv)(
    mongoc_stream_t *, mongoc_iovec_t *, size_t, size_t, int32_t);

static ssize_t
readv_in_time(mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t count,
    size_t least, int32_t timeout_ms)
{
	int64_t left = (deadline - clock_mono_us()) / CLOCK_MS;

	if (left < LEAST_MS)
		left = LEAST_MS;
	if (deadline != 0 && left < timeout_ms)
		timeout_ms = (int32_t)left;
	return driver_readv(stream, iov, count, least, timeout_ms);
}

static mongoc_stream_t *
connect_stream(const mongoc_uri_t *uri, const mongoc_host_list_t *host,
    void *client, bson_error_t *error)
{
	mongoc_stream_t *stream =
	    mongoc_client_default_stream_initiator(uri, host, client, error);

	if (stream != NULL) {
		driver_readv = stream->readv;
		stream->readv = readv_in_time;
	}
	return stream;
}

void
mongo_set_deadline(mongoc_client_t *client, int64_t deadline_us)
{
	deadline = deadline_us;
	mongoc_client_set_stream_initiator(client, connect_stream, client);
}
