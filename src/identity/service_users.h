/*
 * service_users.h - service users: programs that sign in with an API key.
 *
 * `by` is the principal that asks, and works in one tenant: it sees nothing of
 * another (ERR_NOT_FOUND).  A key is shown once; the store has its SHA-256.
 */
#ifndef PANGOLIN_SERVICE_USERS_H
#define PANGOLIN_SERVICE_USERS_H

#include "identity/principal.h"
#include "plugin/store.h"

#define API_KEY_HASH_BYTES 32

struct service_user {
	struct id id, tenant;
	struct str name;        /* unique in its tenant */
	struct str description; /* ptr NULL: none */
	enum role role;         /* never ROLE_ROOT */
	bool active;
	int64_t created_us;
	struct id created_by;      /* nil: in no-auth mode */
	int64_t last_used_us;      /* 0: never; within ten minutes */
	int64_t expires_us;        /* 0: never */
	int64_t sessions_since_us; /* other sessions are ended */
	struct str key_hash;       /* never shown */
};

struct service_user_list {
	struct service_user *at;
	size_t count;
	bool more; /* there are more */
};

/* `new` needs name, description, role, expires_us. */
MUST_CHECK enum err service_users_create(struct call *,
    const struct principal *by, const struct service_user *new,
    struct service_user *ret, struct str *ret_key);

MUST_CHECK enum err service_users_get(struct call *, const struct principal *by,
    struct id id, struct service_user *ret);

/* By name; limit 0: as many as an answer may have. */
MUST_CHECK enum err service_users_list(struct call *,
    const struct principal *by, int64_t limit, int64_t offset,
    struct service_user_list *ret);

struct service_user_change {
	struct str name, description; /* ptr NULL: stays */
	int active;                   /* -1: stays; 0, 1 */
};

/* Changes a service user.  Making it inactive ends its sessions, for good; its
 * key works again once it is active. */
MUST_CHECK enum err service_users_update(struct call *,
    const struct principal *by, struct id id,
    const struct service_user_change *, struct service_user *ret);

MUST_CHECK enum err service_users_delete(
    struct call *, const struct principal *by, struct id id);

/* A new key; the old one, and tokens got by it, are refused from now on. */
MUST_CHECK enum err service_users_rotate(struct call *,
    const struct principal *by, struct id id, struct service_user *ret,
    struct str *ret_key);

struct service_user service_user_of_row(const struct value *row);

/* API keys: "pgl_" + id in hex + "_" + 43 random characters. */
bool api_key_parse(struct str key, struct id *ret);
void api_key_hash(struct str key, uint8_t ret[API_KEY_HASH_BYTES]);

#endif
