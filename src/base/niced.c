#include "base/niced.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/priority.h"

/* Decoders of files run here and count their depth for such a stack. */
#define STACK_BYTES ((size_t)128 * 1024)

#define THREADS_MAX 64

struct job {
	void (*work)(void *);
	void *arg;
	bool is_done;
	pthread_cond_t done;
	struct job *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static unsigned most, count, idle, queued;
static bool stopping;
static pthread_t threads[THREADS_MAX];

static struct job *
take(void)
{
	idle++;
	while (first == NULL && !stopping)
		(void)pthread_cond_wait(&wanted, &lock);
	idle--;

	struct job *job = first;

	if (job != NULL) {
		first = job->next;
		queued--;
		if (first == NULL)
			last = &first;
	}
	return job;
}

static void *
thread_main(void *arg)
{
	struct job *job;

	(void)arg;
	priority_lower(NICE_COMPUTING);
	(void)pthread_mutex_lock(&lock);
	while ((job = take()) != NULL) {
		(void)pthread_mutex_unlock(&lock);
		job->work(job->arg);
		(void)pthread_mutex_lock(&lock);
		job->is_done = true;
		(void)pthread_cond_signal(&job->done);
	}
	(void)pthread_mutex_unlock(&lock);
	return NULL;
}

/* Signals are for the event loop: a thread inherits the mask. */
static void
add_thread(void)
{
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_attr_init(&attr) != 0)
		return;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (pthread_create(&threads[count], &attr, thread_main, NULL) == 0)
		count++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
}

void
niced_start(unsigned wanted_threads)
{
	most = wanted_threads < THREADS_MAX ? wanted_threads : THREADS_MAX;
}

void
niced_run(void (*work)(void *), void *arg)
{
	struct job job = { .work = work, .arg = arg };

	(void)pthread_mutex_lock(&lock);
	if (idle <= queued && count < most)
		add_thread();
	if (count == 0) {
		(void)pthread_mutex_unlock(&lock);
		work(arg);
		return;
	}
	(void)pthread_cond_init(&job.done, NULL);
	*last = &job;
	last = &job.next;
	queued++;
	(void)pthread_cond_signal(&wanted);
	while (!job.is_done)
		(void)pthread_cond_wait(&job.done, &lock);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_destroy(&job.done);
}

void
niced_stop(void)
{
	(void)pthread_mutex_lock(&lock);
	stopping = true;
	(void)pthread_cond_broadcast(&wanted);
	(void)pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	most = count = 0;
	stopping = false;
}
