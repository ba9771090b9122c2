/* process_stat.h - reads what /proc says of one of our processes (proc(5)). */
#ifndef PANGOLIN_PROCESS_STAT_H
#define PANGOLIN_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	int64_t resident_bytes;
	int64_t cpu_us;     /* user and system */
	int64_t open_files; /* -1: the kernel does not let us look */
};

/* False: there is no such process. */
bool process_stat(pid_t, struct process_stat *ret);

#endif
