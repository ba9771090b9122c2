/*
 * log.h - one JSON object a line, on standard output.
 *
 * {"time":"...","level":"info","pid":123,"message":"..."}.  Only main.c, cli/,
 * http/, tasks/ and ops/ log; everything else returns its errors.
 */
#ifndef PANGOLIN_LOG_H
#define PANGOLIN_LOG_H

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/* Lines below this level are not written; LEVEL_INFO at the start. */
void log_set_level(enum log_level);

void log_line(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
