/* command.h - reads the command line of `pangolin` and runs its verb. */
#ifndef PANGOLIN_COMMAND_H
#define PANGOLIN_COMMAND_H

#include "cli/serve.h"

#define COMMAND_SERVE (-1)

/*
 * The result is an exit code: 0 done, 1 failed, 2 a bad command line or
 * configuration; or COMMAND_SERVE, with s->settings loaded.
 */
MUST_CHECK int command_run(int argc, char **argv, struct serving *s);

#endif
