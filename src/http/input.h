/*
 * input.h - reads what a client sends into one buffer of the event loop.
 */
#ifndef PANGOLIN_INPUT_H
#define PANGOLIN_INPUT_H

#include "http/conn.h"

/* The size of the buffer. */
#define INPUT_BYTES 65536

/* Sets c->input to what is there; the bytes read; 0: there are none now, or no
 * more at all; -1: broken. */
ssize_t input_receive(struct conn *);

/* Input that was read and not used moves into memory of the connection. */
void input_keep(struct conn *);
void input_drop(struct conn *);

/* Zeroes the buffer: a core file must not have secrets of earlier requests. */
void input_wipe(void);

#endif
