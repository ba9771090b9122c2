/* sealing_key.h - finds the keys that seal secrets of warehouses, or makes
 * one. */
#ifndef PANGOLIN_SEALING_KEY_H
#define PANGOLIN_SEALING_KEY_H

#include "cli/serve.h"

/* In the state directory; of a store that several nodes may use none is made:
 * each would have its own. */
#define SEALING_KEY_FILE "sealing-key"

/* Called in each process that works on the store, as the server's account:
 * sets the keys of warehouse.sealing_key, then that of the file, which is made
 * if it may be. */
MUST_CHECK enum err sealing_key_load(struct serving *, struct error *);

/* The same, and makes no file. */
MUST_CHECK enum err sealing_key_find(struct serving *, struct error *);

#endif
