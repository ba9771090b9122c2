/*
 * plugin.h - the contract of all plugins: one exported symbol, one struct.
 *
 * Life cycle, in the order the process model imposes:
 *
 *     parent   dlopen()        before any other process; never dlclose()
 *     child    ops->migrate()  privileges dropped, under a lock in the store
 *     worker   ops->open()     privileges dropped
 *     worker   ops->...        any thread, any time; calls may block
 *     worker   ops->close()    at the end; no other call follows
 *
 * A plugin links its own copy of base/ and imports nothing from the host (-z
 * defs), so the structs of base/ are part of this contract.  Plugins ship with
 * the host: the match is exact.  Raise PLUGIN_ABI when anything here, in
 * store.h, cache.h or in a struct of base/ changes; ops_size catches an object
 * built from other headers.
 */
#ifndef PANGOLIN_PLUGIN_H
#define PANGOLIN_PLUGIN_H

#include <stdint.h>

#include "base/str.h"

#define PLUGIN_ABI 11u

#define PLUGIN_STORE 1u
#define PLUGIN_CACHE 2u

/* One node, one process group: other processes must keep off the data. */
#define PLUGIN_EXCLUSIVE (1u << 0)
/* Reads answer from memory: the event loop may make them itself. */
#define PLUGIN_READS_DO_NOT_BLOCK (1u << 1)
/* Several worker processes may open the same data. */
#define PLUGIN_SHARED (1u << 2)
/* A cache whose dropped entries are gone on every node, whatever happens.
 * Other caches hold only values that never change. */
#define PLUGIN_DROPS_ARE_SURE (1u << 3)

/* One key of [store.options] or [cache.options.NAME]: the host reads, checks
 * and documents it. */
struct plugin_option {
	const char *name;     /* "path" */
	const char *fallback; /* NULL: the key is required */
	bool secret;          /* never shown; PATH_file is read too */
	const char *help;     /* one line */
};

struct plugin {
	uint32_t abi;      /* PLUGIN_ABI */
	uint32_t kind;     /* PLUGIN_STORE or PLUGIN_CACHE */
	uint32_t flags;    /* PLUGIN_EXCLUSIVE ... */
	uint32_t ops_size; /* sizeof(struct store_ops) or struct cache_ops */
	const char *name;  /* "sqlite": how the configuration refers to it */
	const char *about; /* one line: what it is good for */
	const char *const *libraries; /* "sqlite 3.40.1" ..., NULL ends */
	const void *ops;
	const struct plugin_option *options; /* a NULL name ends */
};

struct store_watch; /* plugin/store.h */

/*
 * The values of the options, in the order of the table.  `state_dir` is where
 * a relative path begins.  What an option allows a node is shared by
 * `processes` processes (0 reads as 1), each of which opens the plugin for
 * itself.
 */
struct plugin_settings {
	const struct str *value;
	struct str state_dir;
	uint32_t processes;
	/* Tells the operator of something worth knowing; NULL: nobody. */
	void (*warn)(const char *sentence);
	/* The watch of a store that is opened to serve; NULL: none. */
	const struct store_watch *watch;
};

/* The only exported symbol of a plugin. */
#define PLUGIN_EXPORT __attribute__((visibility("default")))
#define PLUGIN_SYMBOL "pangolin_plugin"

PLUGIN_EXPORT const struct plugin *pangolin_plugin(void);

#endif
