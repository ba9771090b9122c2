/*
 * idempotent_answers.h - answers a repeated request as the first one was.
 *
 * Each function is the `again` of some rows of api/routes.c: of every route of
 * the Iceberg API that changes something, and of branches and tags.
 */
#ifndef PANGOLIN_IDEMPOTENT_ANSWERS_H
#define PANGOLIN_IDEMPOTENT_ANSWERS_H

#include "catalog/idempotency_keys.h"
#include "http/request.h"

/* idempotent_answers.c */
enum err table_made_again(
    struct request *, struct call *, const struct answer *first);
enum err table_changed_again(
    struct request *, struct call *, const struct answer *first);
enum err unregistered_again(
    struct request *, struct call *, const struct answer *first);
enum err view_made_again(
    struct request *, struct call *, const struct answer *first);
/* 204 */
enum err answer_nothing_again(
    struct request *, struct call *, const struct answer *first);

/* branches_api.c, tags_api.c */
enum err branch_create_again(
    struct request *, struct call *, const struct answer *first);
enum err branch_update_again(
    struct request *, struct call *, const struct answer *first);
enum err tag_create_again(
    struct request *, struct call *, const struct answer *first);
enum err tag_move_again(
    struct request *, struct call *, const struct answer *first);

/* merges_api.c, restore_api.c */
enum err merge_again(
    struct request *, struct call *, const struct answer *first);
enum err branch_rebase_again(
    struct request *, struct call *, const struct answer *first);
enum err merge_complete_again(
    struct request *, struct call *, const struct answer *first);
enum err restore_again(
    struct request *, struct call *, const struct answer *first);

/* undrop_api.c */
enum err undrop_again(
    struct request *, struct call *, const struct answer *first);

/* namespaces_api.c */
enum err namespace_create_again(
    struct request *, struct call *, const struct answer *first);
enum err namespace_properties_again(
    struct request *, struct call *, const struct answer *first);

#endif
