/*
 * cutter.h - a proxy between a store and its server that cuts a connection
 * where it hurts, once each time it is told to.
 */
#ifndef PANGOLIN_CUTTER_H
#define PANGOLIN_CUTTER_H

#include <stdint.h>

enum cut {
	CUT_NOTHING,
	CUT_REQUEST, /* what comes next does not arrive */
	CUT_HALF,    /* half of it does */
	CUT_ANSWER,  /* all of it does, and the answer is lost */
	SPOIL_PLAN   /* nothing is cut: the next EXPLAIN is none */
};

struct cutter;

/* Listens on a free loopback port and forwards to another. */
struct cutter *cutter_start(uint16_t to_port);
uint16_t cutter_port(const struct cutter *);
/* Lets `skip` requests pass first. */
void cutter_arm(struct cutter *, enum cut, int skip);
/* Has it cut since it was armed? */
int cutter_is_done(const struct cutter *);
void cutter_stop(struct cutter *);

#endif
