/* handlers_access.h - handlers of users and rights; part of handlers.h. */
#ifndef PANGOLIN_HANDLERS_ACCESS_H
#define PANGOLIN_HANDLERS_ACCESS_H

#include "http/request.h"

/* oidc_api.c */
enum err oauth_providers_get(struct request *);
enum err oauth_authorize_get(struct request *);
enum err oauth_callback_get(struct request *);
enum err oauth_exchange_post(struct request *);

/* users_api.c */
enum err app_config_get(struct request *);
enum err login_post(struct request *);
enum err me_get(struct request *);
enum err users_list_get(struct request *);
enum err user_create_post(struct request *);
enum err user_get(struct request *);
enum err user_update_put(struct request *);
enum err user_delete(struct request *);

/* session_cookie.c */
enum err session_post(struct request *);
enum err session_delete(struct request *);

/* sessions_api.c */
enum err logout_post(struct request *);
enum err my_tokens_list_get(struct request *);
enum err user_tokens_list_get(struct request *);
enum err token_delete(struct request *);
enum err token_mint_post(struct request *);
enum err token_rotate_post(struct request *);
enum err own_token_revoke_post(struct request *);
enum err token_revoke_post(struct request *);
enum err tokens_clean_post(struct request *);
enum err token_key_rotate_post(struct request *);

/* roles_api.c */
enum err roles_list_get(struct request *);
enum err role_create_post(struct request *);
enum err role_get(struct request *);
enum err role_update_put(struct request *);
enum err role_delete(struct request *);
enum err user_roles_list_get(struct request *);
enum err user_role_assign_post(struct request *);
enum err user_role_revoke_delete(struct request *);

/* permissions_api.c */
enum err permissions_list_get(struct request *);
enum err permission_grant_post(struct request *);
enum err permission_revoke_delete(struct request *);

/* held_grants_api.c */
enum err my_permissions_get(struct request *);
enum err permission_check_get(struct request *);

/* asset_metadata_api.c */
enum err asset_metadata_set_post(struct request *);
enum err asset_metadata_get(struct request *);
enum err asset_metadata_remove_delete(struct request *);

/* service_users_api.c */
enum err service_users_list_get(struct request *);
enum err service_user_create_post(struct request *);
enum err service_user_get(struct request *);
enum err service_user_update_put(struct request *);
enum err service_user_delete(struct request *);
enum err service_user_rotate_post(struct request *);

#endif
