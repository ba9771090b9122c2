/*
 * pool_thread.h - what the threads of the pool meet in production is fuzzed on
 * a stack as small as theirs.  A target includes this and has try_input().
 */
#ifndef PANGOLIN_POOL_THREAD_H
#define PANGOLIN_POOL_THREAD_H

#include <pthread.h>
#include <stdlib.h>

#include "http/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int try_input(const uint8_t *, size_t);

struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

static void *
on_thread(void *arg)
{
	const struct fuzz_input *input = arg;

	(void)try_input(input->data, input->size);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) != 0 ||
	    pthread_attr_setstacksize(&attr, POOL_STACK_BYTES) != 0 ||
	    pthread_create(&thread, &attr, on_thread, &input) != 0)
		abort();
	(void)pthread_join(thread, NULL);
	(void)pthread_attr_destroy(&attr);
	return 0;
}

#endif
