/*
 * entities.h - every stored thing that has no history.
 *
 * A store makes its tables from record_schema (entities.c).  Add a field: one
 * enum value here and one row there, with the next schema version as `since`;
 * fields are only ever added, and read as NULL in rows that are older.
 * Shapes: time is microseconds UTC, bool is 0 or 1, maps are JSON text of
 * string -> string, ids are UUIDs.
 */
#ifndef PANGOLIN_ENTITIES_H
#define PANGOLIN_ENTITIES_H

#include "plugin/store.h"

enum entity_number {
	ENTITY_TENANTS = ENTITY_FIRST_FREE,
	ENTITY_USERS,
	ENTITY_SERVICE_USERS,
	ENTITY_WAREHOUSES,
	ENTITY_CATALOGS,
	ENTITY_SECRETS,
	ENTITY_TASKS,
	ENTITY_TASK_RESULTS,
	ENTITY_ANSWERS,
	ENTITY_GARBAGE,
	ENTITY_ACTIVE_TOKENS,
	ENTITY_COUNT
};

enum tenant_field {
	TENANT_ID, /* key */
	TENANT_NAME,
	TENANT_PROPERTIES,
	TENANT_CREATED_US,
	TENANT_FIELDS
};

enum user_field {
	USER_ID,       /* key */
	USER_TENANT,   /* NULL: root, of no tenant */
	USER_USERNAME, /* unique over all tenants */
	USER_EMAIL,
	USER_PASSWORD, /* argon2id; NULL: cannot sign in by password */
	USER_ROLE,     /* enum role of identity/principal.h */
	USER_ACTIVE,
	USER_CREATED_US,
	USER_UPDATED_US,
	USER_LAST_LOGIN_US,
	USER_FIRST_PASSWORD, /* 1 while it is that of the first start */
	USER_SESSIONS_SINCE, /* microseconds: tokens made before are ended */
	USER_FIELDS
};

enum service_user_field {
	SERVICE_USER_ID, /* key */
	SERVICE_USER_TENANT,
	SERVICE_USER_NAME,
	SERVICE_USER_DESCRIPTION,
	SERVICE_USER_KEY_HASH, /* SHA-256 of the API key */
	SERVICE_USER_ROLE,
	SERVICE_USER_ACTIVE,
	SERVICE_USER_CREATED_US,
	SERVICE_USER_CREATED_BY,
	SERVICE_USER_LAST_USED_US,
	SERVICE_USER_EXPIRES_US,
	SERVICE_USER_SESSIONS_SINCE,
	SERVICE_USER_FIELDS
};

enum warehouse_field {
	WAREHOUSE_ID, /* key */
	WAREHOUSE_TENANT,
	WAREHOUSE_NAME, /* unique in its tenant */
	WAREHOUSE_ROOT, /* "file:///srv/warehouse", no slash at the end */
	WAREHOUSE_USE_STS,
	WAREHOUSE_STORAGE, /* storage_config, as the API has it */
	WAREHOUSE_VENDING, /* vending_strategy, JSON; NULL: none */
	WAREHOUSE_CREATED_US,
	WAREHOUSE_FIELDS
};

enum catalog_field {
	CATALOG_ID, /* key */
	CATALOG_TENANT,
	CATALOG_NAME,      /* unique in its tenant */
	CATALOG_TYPE,      /* enum catalog_type of catalog/catalogs.h */
	CATALOG_WAREHOUSE, /* its name; NULL: none */
	CATALOG_LOCATION,  /* storage_location; NULL: warehouse root/name */
	CATALOG_PROPERTIES,
	CATALOG_MAIN, /* number of the branch `main` */
	CATALOG_CREATED_US,
	CATALOG_FIELDS
};

enum secret_field {
	SECRET_NAME, /* key */
	SECRET_VALUE,
	SECRET_CREATED_US,
	SECRET_FIELDS
};

enum task_field {
	TASK_ID, /* key */
	TASK_TENANT,
	TASK_KIND,    /* its name in tasks/kinds.c */
	TASK_CATALOG, /* name of the catalog it is about */
	TASK_STATE,   /* enum task_state of tasks/queue.h */
	TASK_WISH,    /* enum task_wish; NULL: none */
	TASK_CURSOR,  /* where the next chunk begins; NULL: at the start */
	TASK_DONE,
	TASK_TOTAL,   /* NULL: not known yet */
	TASK_RESULTS, /* rows so far; the next one's number */
	TASK_ERROR,   /* of a failed task */
	TASK_SLOT,    /* while running: unique, so at most N run */
	TASK_OWNER,   /* while running: the claim that works on it */
	TASK_LEASE_US,
	TASK_HEARTBEAT_US,
	TASK_WORKED_US, /* time spent in chunks */
	TASK_CREATED_BY,
	TASK_CREATED_US,
	TASK_STARTED_US,
	TASK_FINISHED_US,
	TASK_FIELDS
};

enum task_result_field {
	TASK_RESULT_TASK, /* key */
	TASK_RESULT_SEQ,  /* key: from 0 on */
	TASK_RESULT_ROW,  /* a JSON object */
	TASK_RESULT_FIELDS
};

/* What a request with an Idempotency-Key was answered that made no commit:
 * catalog/once.h. */
enum answer_field {
	ANSWER_ID,       /* key: its id among the commits */
	ANSWER_CODE,     /* enum err: OK, or what it was refused with */
	ANSWER_MESSAGE,  /* of the refusal */
	ANSWER_LOCATION, /* of the metadata file it showed; NULL: see the body
			  */
	ANSWER_BODY,
	ANSWER_EXPIRES_US,
	ANSWER_FIELDS
};

/* Files that a table needs no more: catalog/garbage.h. */
enum garbage_field {
	GARBAGE_ID, /* key: a hash of the location */
	GARBAGE_BRANCH,
	GARBAGE_OBJECT, /* of the table */
	GARBAGE_LOCATION,
	GARBAGE_SINCE_US,
	GARBAGE_FIELDS
};

/* Tokens that were given out and not ended: identity/sessions.h. */
enum token_field {
	TOKEN_ID,     /* key: its jti */
	TOKEN_USER,   /* or service user */
	TOKEN_TENANT, /* NULL: root's */
	TOKEN_CREATED_US,
	TOKEN_EXPIRES_US,
	TOKEN_FIELDS
};

/* Numbers of the indexes that a scan names. */
enum { REFS_BY_NAME, REFS_BY_PARENT };
enum { COMMITS_BY_ID, COMMITS_BY_PARENT };
enum { TENANTS_BY_NAME };
enum { USERS_BY_USERNAME, USERS_BY_EMAIL, USERS_BY_TENANT };
enum { SERVICE_USERS_BY_NAME };
enum { WAREHOUSES_BY_NAME };
enum { CATALOGS_BY_NAME };
enum { TASKS_BY_STATE, TASKS_BY_TENANT, TASKS_BY_SLOT };
enum { ANSWERS_BY_EXPIRY };
enum { GARBAGE_BY_SINCE };
enum { ACTIVE_TOKENS_BY_USER, ACTIVE_TOKENS_BY_EXPIRY };

extern const struct schema record_schema;

#endif
