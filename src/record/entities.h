/*
 * entities.h - the schema of every stored record that has no history.
 *
 * A store makes its tables from record_schema (entities.c).  Add a field: one
 * enum value here and one row there, with the next schema version as `since`;
 * fields are only ever added, and read as NULL in rows that are older.  Shapes:
 * time is microseconds UTC, bool is 0 or 1, maps are JSON text of string ->
 * string, ids are UUIDs.
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
	ENTITY_REVISIONS,
	ENTITY_MERGES,
	ENTITY_MERGE_OPERATIONS,
	ENTITY_MERGE_CONFLICTS,
	ENTITY_PURGES,
	ENTITY_LOCATIONS,
	ENTITY_ROLES,
	ENTITY_ROLE_MEMBERS,
	ENTITY_PERMISSIONS,
	ENTITY_AUDIT_LOGS,
	ENTITY_AUDIT_CURSORS,
	ENTITY_IDENTITIES,
	ENTITY_SIGN_IN_CODES,
	ENTITY_ASSET_METADATA,
	ENTITY_RATES,
	ENTITY_CACHED, /* its fields: plugin/cache.h */
	ENTITY_COUNT
};

/* The fields that the host adds to enum ref_field, which the stores know
 * too. */
enum ref_field_of_host {
	REF_TYPE = REF_FIELDS, /* enum branch_type of catalog/refs.h; NULL: the
				* row is of a time without branches */
	REF_PARTIAL,           /* bool: it shows some tables only */
	REF_CREATED_US,
	REF_CREATED_BY,
	REF_WAS_NAMED, /* of a deleted one: its name is free again */
	REF_ALL_FIELDS
};

enum tenant_field {
	TENANT_ID, /* key */
	TENANT_NAME,
	TENANT_PROPERTIES,
	TENANT_CREATED_US,
	TENANT_REVISION, /* moves with each record that is made in it */
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
	USER_SESSIONS_SINCE, /* microseconds: sessions with another are ended */
	USER_PROVIDER, /* that has made it at a sign-in; NULL: an admin has */
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
	WAREHOUSE_ROOT, /* "file:///srv/lake", "s3://bucket/lake", no slash at
			 * the end */
	WAREHOUSE_USE_STS,
	WAREHOUSE_STORAGE, /* see catalog/storage_config.h; secrets sealed */
	WAREHOUSE_VENDING, /* vending_strategy, JSON, the same; NULL: none */
	WAREHOUSE_CREATED_US,
	WAREHOUSE_REVISION, /* moves with it, and with each catalog that uses
			     * it */
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
	CATALOG_SHARED,    /* bool: it has or had a branch or tag beside main */
	CATALOG_UPKEEP_US, /* when tasks/schedule.h queues its upkeep; NULL: no
			    * worker has seen it yet */
	CATALOG_PURGED_US, /* when history was last erased; NULL: never */
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
	TASK_ERROR,   /* of a failed task, and of one that was put off */
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

/* Answers to requests with an Idempotency-Key that made no commit:
 * catalog/idempotency_keys.h. */
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
	GARBAGE_CATALOG, /* NULL: nobody deletes it */
	GARBAGE_DOOMED,  /* when its file was deleted; below 0: that is going
			  * to be done; NULL: it may be needed again */
	GARBAGE_FIELDS
};

/* Objects whose files are to be deleted: catalog/purges.h. */
enum purge_field {
	PURGE_ID, /* key: a hash of catalog and object */
	PURGE_CATALOG,
	PURGE_OBJECT,
	PURGE_STATE,    /* enum purge_state */
	PURGE_SINCE_US, /* when it was asked, last shown, or erased */
	PURGE_MET_US,   /* the sweep that last saw it asked, by its `before`, or
			 * the round of the task that erases it */
	PURGE_PLACES,   /* paths of erased versions, a line each */
	PURGE_FIELDS
};

/* Sessions, each with the tokens that renew each other: identity/sessions.h. */
enum token_field {
	TOKEN_ID,     /* key: of the session; the claim sid of its tokens */
	TOKEN_USER,   /* or service user */
	TOKEN_TENANT, /* NULL: root's */
	TOKEN_CREATED_US,
	TOKEN_EXPIRES_US, /* the newest token's end */
	TOKEN_END_US,     /* no token lives longer; NULL: that of the row */
	TOKEN_SINCE, /* sessions_since of its owner; NULL: see sessions.c */
	TOKEN_FIELDS
};

/* Numbers that move with what a check reads: record/revision.h. */
enum revision_field {
	REVISION_NAME, /* key */
	REVISION_NUMBER,
	REVISION_FIELDS
};

/* The second parents of commits, one row for each merge: versions/knowledge.h.
 * Never pruned, so that what a branch knows stays known. */
enum merge_field {
	MERGE_COMMIT,   /* key: the commit's id */
	MERGE_INTO,     /* the branch it is on */
	MERGE_SEQ,      /* where; NULL: look for the commit */
	MERGE_FROM,     /* the branch that was merged */
	MERGE_FROM_SEQ, /* and up to where */
	MERGE_FIELDS
};

/* Merges that were asked for: versions/merge_operations.h. */
enum operation_field {
	OPERATION_ID, /* key */
	OPERATION_TENANT,
	OPERATION_CATALOG,
	OPERATION_STATUS, /* enum operation_status */
	OPERATION_SOURCE, /* numbers of the branches, and their names then */
	OPERATION_SOURCE_NAME,
	OPERATION_TARGET,
	OPERATION_TARGET_NAME,
	OPERATION_SOURCE_SEQ, /* the states that its conflicts are of */
	OPERATION_TARGET_SEQ,
	OPERATION_BASE,    /* a commit that both know; NULL: none */
	OPERATION_MESSAGE, /* of the commit; NULL: made from the names */
	OPERATION_SQUASH,
	OPERATION_CONFLICTS, /* how many there are */
	OPERATION_CREATED_BY,
	OPERATION_CREATED_US,
	OPERATION_FINISHED_US,
	OPERATION_RESULT,   /* the commit that it made, or the head it found */
	OPERATION_REVISION, /* moves with each change of it */
	OPERATION_FIELDS
};

enum conflict_field {
	CONFLICT_ID, /* key */
	CONFLICT_OPERATION,
	CONFLICT_ORDER, /* from 0 on, in its operation */
	CONFLICT_KIND,  /* enum merge_conflict */
	CONFLICT_SPACE,
	CONFLICT_NS,
	CONFLICT_NAME,
	CONFLICT_OBJECT,
	CONFLICT_IN_SOURCE,     /* what was deleted: there */
	CONFLICT_WHAT,          /* fields that both changed, JSON array */
	CONFLICT_REASON,        /* a sentence */
	CONFLICT_SOURCE_BRANCH, /* origins of the versions it saw */
	CONFLICT_SOURCE_SEQ,
	CONFLICT_TARGET_BRANCH,
	CONFLICT_TARGET_SEQ,
	CONFLICT_BASE_VALUE, /* what was, and what each has: JSON */
	CONFLICT_SOURCE_VALUE,
	CONFLICT_TARGET_VALUE,
	CONFLICT_CREATED_US,
	CONFLICT_STRATEGY, /* enum merge_strategy; NULL: not resolved */
	CONFLICT_VALUE,    /* of the resolution, JSON */
	CONFLICT_RESOLVED_BY,
	CONFLICT_RESOLVED_US,
	CONFLICT_FIELDS
};

/* The places of tables, each with the table whose own it is in all catalogs,
 * and the directories in which the server places tables:
 * catalog/location_owners.h. */
enum location_field {
	LOCATION_ID,   /* key: a hash of the path, and of the catalog when it
			* is a directory */
	LOCATION_PATH, /* "/srv/warehouse/c/t"; a directory's ends in '/' */
	LOCATION_HEAD, /* the first bytes of it, as an index can hold them */
	LOCATION_CATALOG,
	LOCATION_OBJECT,       /* the table; NULL: it is a directory */
	LOCATION_BRANCH,       /* where it was claimed, and for which name: */
	LOCATION_TABLE,        /* for messages only */
	LOCATION_LEFT_US,      /* since when nobody is known to need it; NULL:
				* somebody does */
	LOCATION_CONFIRMED_US, /* when a unit of its table was last applied;
				* NULL: it is claimed only, since LEFT_US */
	LOCATION_DOOMED_US, /* since when its files are being deleted: nothing
			     * may use it again; NULL: they are not */
	LOCATION_CHOSEN,    /* bool: the server chose it for the table, so all
			     * that is in it is the table's */
	LOCATION_FIELDS
};

/* Sets of grants that many principals have: identity/roles.h. */
enum role_field {
	ROLE_ID, /* key */
	ROLE_TENANT,
	ROLE_NAME, /* unique in its tenant */
	ROLE_DESCRIPTION,
	ROLE_GRANTS, /* JSON, see identity/grants.h */
	ROLE_CREATED_BY,
	ROLE_CREATED_US,
	ROLE_UPDATED_US,
	ROLE_FIELDS
};

enum role_member_field {
	MEMBER_PRINCIPAL, /* key: a user or service user */
	MEMBER_ROLE,      /* key */
	MEMBER_TENANT,
	MEMBER_ASSIGNED_BY,
	MEMBER_ASSIGNED_US,
	MEMBER_PROVIDER, /* whose claims say so; NULL: an admin does */
	MEMBER_FIELDS
};

/* The subjects of providers of sign-in that are users: oidc/federation.h. */
enum identity_field {
	IDENTITY_ID, /* key: a hash of issuer and subject */
	IDENTITY_USER,
	IDENTITY_TENANT,
	IDENTITY_PROVIDER,
	IDENTITY_SUBJECT, /* `sub` of its tokens */
	IDENTITY_CREATED_US,
	IDENTITY_SAID_US, /* when the newest token was issued that counts */
	IDENTITY_FIELDS
};

/* Sign-ins by browser whose token was not fetched yet: oidc/code_flow.h. */
enum sign_in_code_field {
	SIGN_IN_CODE_ID, /* key: a hash of the code */
	SIGN_IN_CODE_USER,
	SIGN_IN_CODE_EXPIRES_US,
	SIGN_IN_CODE_FIELDS
};

/* Failed sign-ins, for all nodes: record/rates.h. */
enum rate_field {
	RATE_ID, /* key: a hash of what is counted */
	RATE_COUNT,
	RATE_BEGUN_US, /* when the window began */
	RATE_PAUSES,   /* before this window */
	RATE_END_US,   /* when it says nothing any more */
	RATE_FIELDS
};

/* Grants of one principal: identity/permissions.h. */
enum permission_field {
	PERMISSION_ID, /* key */
	PERMISSION_TENANT,
	PERMISSION_PRINCIPAL,
	PERMISSION_GRANT, /* JSON, see identity/grants.h */
	PERMISSION_GRANTED_BY,
	PERMISSION_GRANTED_US,
	PERMISSION_FIELDS
};

/* Descriptions and tags of tables and views: identity/asset_metadata.h. */
enum asset_metadata_field {
	ASSET_TENANT, /* key */
	ASSET_OBJECT, /* key */
	ASSET_ID,
	ASSET_CATALOG,
	ASSET_NAMESPACE, /* where it was when that was last written */
	ASSET_DESCRIPTION,
	ASSET_TAGS,       /* JSON, texts */
	ASSET_PROPERTIES, /* JSON, an object */
	ASSET_DISCOVERABLE,
	ASSET_CREATED_BY,
	ASSET_CREATED_US,
	ASSET_UPDATED_BY,
	ASSET_UPDATED_US,
	ASSET_FIELDS
};

/* Deeds: record/audit.h. */
enum audit_field {
	ENTRY_ID,            /* key; of a commit: its id */
	ENTRY_TENANT,        /* NULL: of none */
	ENTRY_USER,          /* or service user; NULL: nobody had to sign in */
	ENTRY_USERNAME,      /* of then; of a failed sign-in: what was tried */
	ENTRY_ACTION,        /* enum audit_action */
	ENTRY_RESOURCE_TYPE, /* enum audit_resource */
	ENTRY_RESOURCE_ID,
	ENTRY_RESOURCE_NAME,
	ENTRY_AT_US,
	ENTRY_ADDRESS,
	ENTRY_AGENT,
	ENTRY_RESULT, /* enum audit_result */
	ENTRY_ERROR,
	ENTRY_METADATA, /* a JSON object */
	ENTRY_FIELDS
};

/* How far the log of a branch is in the audit log: tasks/audit_follower.h. */
enum audit_cursor_field {
	AUDIT_CURSOR_BRANCH, /* key: its number */
	AUDIT_CURSOR_SEQ,
	AUDIT_CURSOR_FIELDS
};

/* Numbers of the indexes that a scan names. */
enum { REFS_BY_NAME, REFS_BY_PARENT, REFS_ONE_NAME };
enum { COMMITS_BY_ID, COMMITS_BY_PARENT };
enum { TENANTS_BY_NAME };
enum { USERS_BY_USERNAME, USERS_BY_EMAIL, USERS_BY_TENANT };
enum { SERVICE_USERS_BY_NAME };
enum { WAREHOUSES_BY_NAME };
enum { CATALOGS_BY_NAME, CATALOGS_BY_UPKEEP };
enum { TASKS_BY_STATE, TASKS_BY_TENANT, TASKS_BY_SLOT };
enum { ANSWERS_BY_EXPIRY };
enum { GARBAGE_BY_SINCE, GARBAGE_BY_CATALOG };
enum { ACTIVE_TOKENS_BY_USER, ACTIVE_TOKENS_BY_EXPIRY };
enum { MERGES_BY_INTO };
enum { OPERATIONS_BY_CATALOG };
enum { CONFLICTS_BY_OPERATION };
enum { PURGES_BY_CATALOG };
enum { LOCATIONS_BY_HEAD, LOCATIONS_BY_LEFT };
enum { ROLES_BY_NAME };
enum { ROLE_MEMBERS_BY_ROLE };
enum { PERMISSIONS_BY_TENANT, PERMISSIONS_BY_PRINCIPAL };
enum { IDENTITIES_BY_USER };
enum { SIGN_IN_CODES_BY_EXPIRY };
enum { RATES_BY_END };
enum { AUDIT_BY_TIME, AUDIT_BY_TENANT, AUDIT_BY_USER, AUDIT_BY_RESOURCE };

extern const struct schema record_schema;

#endif
