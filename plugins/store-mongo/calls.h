/* calls.h - the members of store_ops, by the files that have them. */
#ifndef PANGOLIN_CALLS_H
#define PANGOLIN_CALLS_H

#include "mongo.h"

/* ---- apply.c, log.c, upkeep.c: members of store_ops */
enum err mongo_apply(
    struct call *, int64_t branch, struct unit *, size_t count);
enum err mongo_get(struct call *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
enum err mongo_walk(
    struct call *, const struct scan *, uint16_t parent, struct rows *ret);
enum err mongo_heads(struct call *, struct point *io, size_t count);
enum err mongo_read(struct call *, struct chain, const struct key *keys,
    size_t count, struct version *ret);
enum err mongo_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
enum err mongo_fold(struct call *, struct chain, int64_t to,
    struct key *io_after, uint32_t limit);
enum err mongo_prune(struct call *, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret);
enum err mongo_erase(struct call *, struct point *io_above, struct id object,
    bool live, uint32_t limit, struct versions *ret);

/* ---- load.c: the last member */
enum err mongo_load(struct call *, int64_t branch, const struct history *);

/* ---- migrate.c */
MUST_CHECK enum err mongo_migrate(
    const struct plugin_settings *, const struct schema *, struct error *);
/* Checks that the server has what is needed, and that the collections are as
 * open() needs them. */
MUST_CHECK enum err mongo_check_server(struct mongo_store *, struct error *);
MUST_CHECK enum err mongo_check_version(struct call *, const struct schema *);

#endif
