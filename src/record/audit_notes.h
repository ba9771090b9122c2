/*
 * audit_notes.h - notes for the audit log that all workers leave in shared
 * memory, and one of them writes (tasks/auditor.h): of commits, whose rows are
 * made from the log of their branch, and of requests that were refused, and of
 * reads.
 *
 * Notes die with the machine.  Without its note the row of a commit still
 * comes, but says neither from where nor by which program.
 */
#ifndef PANGOLIN_AUDIT_NOTES_H
#define PANGOLIN_AUDIT_NOTES_H

#include "record/audit.h"
#include "shm/shared_ring.h"

#define COMMIT_NOTES 2048
#define REQUEST_NOTES 1024

struct commit_note {
	struct id commit, user;
	int64_t branch;
	bool is_on_record; /* its follower has written the row with it */
	char address[AUDIT_ADDRESS_MAX + 1], agent[AUDIT_AGENT_MAX + 1];
};

struct request_note {
	struct id tenant, user;
	int64_t at_us;
	enum audit_action action, wanted; /* wanted: what was denied, or 0 */
	enum audit_result result;
	int status; /* of the answer */
	char username[AUDIT_NAME_MAX / 4 + 1];
	char name[AUDIT_NAME_MAX / 2 + 1]; /* the path */
	char address[AUDIT_ADDRESS_MAX + 1], agent[AUDIT_AGENT_MAX + 1];
	char error[AUDIT_ERROR_MAX / 2 + 1];
};

struct audit_notes {
	struct shared_ring *commits, *requests;
};

/* Made by the parent; the workers find them where it has left them. */
void audit_notes_make(struct shm *, struct audit_notes *ret);
size_t audit_notes_size(void); /* what they take */
void audit_notes_use(const struct audit_notes *);

/* A commit was applied, by a request or by a task. */
void audit_note_commit(const struct call *, int64_t branch, struct id commit);

/* A request was refused, or has read. */
void audit_note_request(const struct request_note *);

/* Fills a text of a note: cut, and without control characters. */
void audit_note_text(char *ret, size_t size, struct str);

#endif
