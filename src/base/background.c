#include "base/background.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#define STACK_BYTES ((size_t)256 * 1024)

int
background_start(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before; /* a thread inherits the mask */
	int failed = pthread_attr_init(&attr);

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (failed == 0)
		failed = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (failed == 0)
		failed =
		    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (failed == 0)
		failed = pthread_create(&thread, &attr, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return failed;
}
