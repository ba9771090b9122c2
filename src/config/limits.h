/*
 * limits.h - the limits of one worker: sizes of heads, bodies and files,
 * memory, and times.
 *
 * Every field but the rates is a key of [limits] with the same name, times
 * without their `_us`: sizes are bytes, times are microseconds (clock.h).
 */
#ifndef PANGOLIN_LIMITS_H
#define PANGOLIN_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits {
	int64_t connections; /* of one worker; 0: open files allowed - 256 */

	/* a request; beyond: 431, 431, 414, 413, and 429 (reads: 503) */
	int64_t head_bytes;
	int64_t header_lines;
	int64_t target_bytes;
	int64_t body_bytes;
	int64_t public_body_bytes; /* on routes that need no token */

	/* of one principal in the window; 0: any number; beyond: 429 */
	int64_t reads, writes, commits;
	int64_t rate_window_us;
	bool rate_shared; /* failed sign-ins are counted by all nodes */

	/* all bodies in flight in one worker, and parts of it */
	int64_t bodies_bytes;
	int64_t bodies_tenant_percent;  /* of one tenant */
	int64_t bodies_address_percent; /* of one address, until the
					 * client is identified */
	int64_t bodies_small_percent;   /* not for bodies above 64 KiB */

	/* resident memory of a worker; what a request may take of it; beyond:
	 * 429, on reads 503, and 413 or 400 */
	int64_t worker_memory_bytes;
	int64_t request_memory_bytes;

	int64_t metadata_bytes; /* of a metadata file; beyond: 400 */

	/* of new namespaces, tables and views; beyond: 400 */
	int64_t name_bytes; /* a level, or a name */
	int64_t path_bytes; /* levels and name, with what separates them */

	/* a connection: reading pauses; the next request waits */
	int64_t input_bytes;
	int64_t output_bytes;

	/* times; beyond: 408 and close, or close */
	int64_t head_time_us; /* from the first byte of the head */
	int64_t tls_handshake_time_us;
	int64_t idle_time_us;     /* keep-alive */
	int64_t progress_bytes;   /* of a body or a reply, within ... */
	int64_t progress_time_us; /* ... each span of this length */

	/* beyond: 429 on mutations, 503 on reads */
	int64_t thread_wait_time_us;
	int64_t request_time_us;

	/* the part of a refused body that is read before closing */
	int64_t drain_bytes;
	int64_t drain_time_us;
};

#endif
