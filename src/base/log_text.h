/*
 * log_text.h - formats a log line for people: "TIME LEVEL message name=value".
 *
 * It is made from the line of JSON, so that both forms say the same.  Members
 * that are null and the pid are left out.  Escapes of control characters stay
 * escapes: nothing in a line can steer a terminal.
 */
#ifndef PANGOLIN_LOG_TEXT_H
#define PANGOLIN_LOG_TEXT_H

#include "base/buf.h"

/* Appends `json`, a flat object as log.c writes it, with a newline; never more
 * bytes than `json` has. */
void log_text_add(struct buf *, struct str json);

#endif
