/*
 * mongo.h - the open store: a pool of clients on one database.
 *
 * Reads have read concern "majority" and go to the primary; every write is a
 * transaction ("snapshot", "majority").  MongoDB lets no transaction wait for a
 * lock: one that meets another's write is refused and tries again, transact().
 */
#ifndef PANGOLIN_MONGO_H
#define PANGOLIN_MONGO_H

#include "document.h"
#include "plugins/contract/value.h"
#include "plugins/rowlog/steps.h"
#include "plugins/watch/pool_queue.h"

enum mongo_option {
	OPTION_URL,
	OPTION_DATABASE,
	OPTION_MAX_CONNECTIONS,
	OPTION_MIN_CONNECTIONS,
	OPTION_ACQUIRE_TIMEOUT,
	OPTION_SERVER_TIMEOUT,
	OPTION_CONNECT_TIMEOUT,
	OPTION_SOCKET_TIMEOUT,
	OPTIONS
};

struct mongo_store {
	struct rowlog_store base; /* first: a struct store * is this struct */
	mongoc_client_pool_t *pool;
	char *database;
	int64_t acquire_us; /* how long a call waits for a client */
	const struct store_watch *watch; /* NULL: nobody */
	struct pool_queue queue; /* clients that may be taken from the pool; */
	size_t made;             /* so many were, under its lock */
	uint32_t most, first;    /* connections; those made at the start */
};

/* One call on one client. */
struct mongo_engine {
	struct engine base; /* first */
	const struct call *call;
	struct mongo_store *store;
	mongoc_client_t *client;
	mongoc_client_session_t *session; /* a writer's; NULL: a reader */
	uint32_t code;                    /* of the server's last refusal */
	bool again; /* another was faster: the transaction is to be repeated */
	bool doubtful; /* it may be kept all the same */
};

static inline struct mongo_engine *
mongo_of(struct engine *g)
{
	return (struct mongo_engine *)g;
}

extern const struct engine_ops mongo_engine_ops;

/* ---- pool.c */
/* A store that may be asked, but is not looked at yet. */
MUST_CHECK enum err mongo_connect(const struct plugin_settings *,
    const struct schema *, struct mongo_store **ret, struct error *);
void mongo_disconnect(struct mongo_store *);
/* Makes the connections that are wanted from the start. */
void mongo_warm_up(struct mongo_store *);
MUST_CHECK enum err mongo_begin(
    const struct call *, bool write, struct engine **ret);
/* A reader, if there is time left. */
MUST_CHECK enum err mongo_read_begin(const struct call *, struct engine **ret);
void mongo_read_end(struct engine *);
MUST_CHECK enum err mongo_end(struct engine *, bool commit);

/* The work of one transaction, repeated until it met no other or time is up.
 * Sets *ret_commit when it may be committed; it is false before. */
typedef enum err mongo_work(struct engine *, void *arg, bool *ret_commit);
MUST_CHECK enum err transact(const struct call *, mongo_work *, void *arg);

/* ---- stream.c */
/* This thread waits for the servers of the client until then, within the
 * driver's own time-outs; 0: these alone. */
void mongo_set_deadline(mongoc_client_t *, int64_t deadline_us);

/* ---- command.c */
/* A failure of the driver or the server, as the contract names it. */
/* Did the server's last refusal say that it knows no such transaction? */
bool mongo_lost_transaction(const struct mongo_engine *);
enum err mongo_fail(
    struct mongo_engine *, const bson_error_t *, const bson_t *reply);
/* A command that writes to a collection, within the deadline. */
MUST_CHECK enum err mongo_command(
    struct mongo_engine *, const struct entity *, const bson_t *command);
/* Until the deadline; at least 1. */
int64_t mongo_left_ms(const struct mongo_engine *);
/* The session and maxTimeMS: what every command of this call has. */
void mongo_add_options(struct mongo_engine *, bson_t *options);

/* ---- explain.c: tells of what was slow */
/* A command as the server would be asked for it, about this collection. */
void mongo_tell_slow(struct mongo_engine *, const struct entity *,
    const bson_t *command, int64_t rows, int64_t took_us);

/* Statements of one kind for one collection, sent in pieces that the server
 * takes: 1,000 documents or 8 MiB.  Ends with its scope. */
struct bulk {
	struct mongo_engine *engine;
	const char *command, *list; /* "insert", "documents" */
	const struct entity *entity;
	bson_t *documents;
	uint32_t count;
};
void bulk_end(struct bulk *);
#define BULK __attribute__((cleanup(bulk_end))) struct bulk
struct bulk bulk_of(struct engine *, const char *command, const char *list,
    const struct entity *);
MUST_CHECK enum err bulk_add(struct bulk *, const bson_t *);
MUST_CHECK enum err bulk_flush(struct bulk *);

#endif
