#include "calls/permits.h"

#include <unistd.h>

/* Requests of a worker that wait for a server which a tenant has named. */
#define PROBES 4

/*
 * Half of the threads may wait for one resource, so that the other half is
 * there for the rest.  Of the requests that write half may wait for ticket
 * locks, so that a table that all write to leaves room for the others.
 * Passwords have half of the cores, shared by the workers.
 */
void
permits_choose(unsigned threads, unsigned workers, unsigned ret[BULKHEAD_COUNT])
{
	unsigned half = (threads + 1) / 2;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	long hashing = cores / 2 / (long)workers;

	ret[BULKHEAD_STORE] = half;
	ret[BULKHEAD_OBJECT] = half;
	ret[BULKHEAD_S3] = half;
	ret[BULKHEAD_PROBE] = half < PROBES ? half : PROBES;
	ret[BULKHEAD_CPU] = cores < 1 ? 1 : (unsigned)cores;
	ret[BULKHEAD_WRITE] = half;
	ret[BULKHEAD_MEMORY] = 1;
	ret[BULKHEAD_PASSWORD] = hashing < 1 ? 1 : (unsigned)hashing;
	ret[BULKHEAD_TICKET] = (half + 1) / 2;
	ret[BULKHEAD_LOAD] = (half + 1) / 2;
}
