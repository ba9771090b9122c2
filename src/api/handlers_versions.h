/* handlers_versions.h - handlers of branches, tags, history and merges; part of
 * handlers.h. */
#ifndef PANGOLIN_HANDLERS_VERSIONS_H
#define PANGOLIN_HANDLERS_VERSIONS_H

#include "http/request.h"

/* branches_api.c */
enum err branches_list_get(struct request *);
enum err branch_create_post(struct request *);
enum err branch_get(struct request *);
enum err branch_update_patch(struct request *);
enum err branch_delete(struct request *);

/* commits_api.c */
enum err branch_commits_get(struct request *);

/* diff_api.c */
enum err diff_get(struct request *);

/* tags_api.c */
enum err tags_list_get(struct request *);
enum err tag_create_post(struct request *);
enum err tag_get(struct request *);
enum err tag_move_put(struct request *);
enum err tag_delete(struct request *);

/* merges_api.c */
enum err merge_post(struct request *);
enum err branch_rebase_post(struct request *);
enum err merge_operations_list_get(struct request *);
enum err merge_operation_get(struct request *);
enum err merge_complete_post(struct request *);
enum err merge_abort_post(struct request *);

/* conflicts_api.c */
enum err merge_conflicts_get(struct request *);
enum err branch_conflicts_get(struct request *);
enum err conflict_resolve_post(struct request *);

/* restore_api.c */
enum err branch_reset_post(struct request *);
enum err branch_revert_post(struct request *);
enum err branch_pick_post(struct request *);
enum err dropped_get(struct request *);
enum err undrop_post(struct request *);
enum err purge_post(struct request *);

#endif
