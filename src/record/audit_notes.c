#include "record/audit_notes.h"

#include <string.h>

#include "calls/usage.h"

/* Of this process; a call in a test or in a verb of the command line leaves no
 * notes. */
static struct audit_notes notes;

void
audit_notes_make(struct shm *shm, struct audit_notes *ret)
{
	ret->commits =
	    shared_ring_new(shm, sizeof(struct commit_note), COMMIT_NOTES);
	ret->requests =
	    shared_ring_new(shm, sizeof(struct request_note), REQUEST_NOTES);
}

size_t
audit_notes_size(void)
{
	return shared_ring_size(sizeof(struct commit_note), COMMIT_NOTES) +
	       shared_ring_size(sizeof(struct request_note), REQUEST_NOTES);
}

void
audit_notes_use(const struct audit_notes *of_all)
{
	notes = *of_all;
}

void
audit_note_text(char *ret, size_t size, struct str s)
{
	size_t n = audit_text_length(s, size - 1);
	bool is_text = str_is_utf8(s);

	for (size_t i = 0; i < n; i++)
		ret[i] = audit_character(s.ptr[i], is_text);
	ret[n] = '\0';
}

void
audit_note_commit(const struct call *c, int64_t branch, struct id commit)
{
	struct deed *deed = c->usage != NULL ? c->usage->deed : NULL;
	struct commit_note note = { .commit = commit, .branch = branch };

	if (notes.commits == NULL)
		return;
	if (deed != NULL) {
		note.user = deed->user;
		audit_note_text(
		    note.address, sizeof(note.address), deed->address);
		audit_note_text(note.agent, sizeof(note.agent), deed->agent);
		deed->is_on_record = true;
	}
	(void)shared_ring_put(notes.commits, &note);
}

void
audit_note_request(const struct request_note *note)
{
	if (notes.requests != NULL)
		(void)shared_ring_put(notes.requests, note);
}
