/*
 * conn_pace.c - times out clients that are silent or slow.
 *
 * Heads and silence have a fixed time, bodies and replies a least speed: a slow
 * but honest transfer of any size goes through.
 */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "http/conn.h"

static enum conn_phase
phase_of(const struct conn *c)
{
	if (c->state == CONN_SHAKING_HANDS)
		return PHASE_HANDSHAKE;
	if (c->state == CONN_LINGERING)
		return PHASE_LINGERING;
	if (c->outbox.first != NULL)
		return PHASE_SENDING;
	if (c->running != NULL)
		return PHASE_RUNNING;
	if (c->reading == NULL)
		return PHASE_IDLE;
	return c->framing.in_body ? PHASE_BODY : PHASE_HEAD;
}

/* While the worker drains, a client that was accepted may still send its
 * request. */
static int64_t
time_for(enum conn_phase phase, const struct front *front)
{
	const struct limits *limits = front->settings->limits;

	switch (phase) {
	case PHASE_HANDSHAKE:
		return limits->tls_handshake_time_us;
	case PHASE_HEAD:
		return limits->head_time_us;
	case PHASE_BODY:
	case PHASE_SENDING:
		return limits->progress_time_us;
	case PHASE_LINGERING:
		return limits->drain_time_us;
	case PHASE_RUNNING:
		return INT64_MAX / 2;
	case PHASE_IDLE:
		break;
	}
	return front->draining ? limits->drain_time_us : limits->idle_time_us;
}

/* Bytes of the transfer that is being waited for.  What the kernel has taken
 * is not sent yet: its buffer may hold minutes of a slow reader. */
static int64_t
transferred(const struct conn *c)
{
	int queued = 0;

	if (c->phase == PHASE_BODY)
		return c->received;
	if (c->phase != PHASE_SENDING ||
	    ioctl(c->stream.fd, SIOCOUTQ, &queued) != 0)
		return 0;
	return c->sent - queued;
}

/* Only these go on for as long as they are fast enough. */
static bool
is_transfer(enum conn_phase phase)
{
	return phase == PHASE_BODY || phase == PHASE_SENDING;
}

void
conn_set_phase(struct conn *c)
{
	enum conn_phase phase = phase_of(c);

	if (phase == c->phase && c->answered == c->waits_for &&
	    c->deadline_us != 0)
		return;
	c->phase = phase;
	c->waits_for = c->answered;
	c->progress = transferred(c);
	c->deadline_us = clock_mono_us() + time_for(phase, c->front);
}

enum conn_next
conn_expire(struct conn *c, int64_t now_us)
{
	const struct limits *limits = c->front->settings->limits;
	int64_t progress;

	if (now_us < c->deadline_us)
		return CONN_WAIT;
	progress = transferred(c);
	if (is_transfer(c->phase) &&
	    progress - c->progress >= limits->progress_bytes) {
		c->progress = progress;
		c->deadline_us = now_us + limits->progress_time_us;
		return CONN_WAIT;
	}
	if (c->phase != PHASE_HEAD && c->phase != PHASE_BODY)
		return CONN_GONE;
	(void)fail(&c->reading->request.error, ERR_TIMEOUT,
	    "The request did not arrive in time.");
	conn_refuse(c);
	return CONN_AGAIN;
}
