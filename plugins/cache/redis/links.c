#include "links.h"

#include "base/clock.h"

/* ---- connections */
void
links_init(struct links *l, const struct target *target)
{
	l->target = *target;
	l->count = 0;
	(void)pthread_mutex_init(&l->lock, NULL);
}

void
links_clear(struct links *l)
{
	while (l->count > 0)
		redisFree(l->idle[--l->count]);
	(void)pthread_mutex_destroy(&l->lock);
}

static redisContext *
take_idle(struct links *l)
{
	redisContext *c = NULL;

	(void)pthread_mutex_lock(&l->lock);
	if (l->count > 0)
		c = l->idle[--l->count];
	(void)pthread_mutex_unlock(&l->lock);
	return c;
}

static void
give(struct links *l, redisContext *c)
{
	bool kept = false;

	(void)pthread_mutex_lock(&l->lock);
	if (c->err == 0 && l->count < LINKS_IDLE) {
		l->idle[l->count++] = c;
		kept = true;
	}
	(void)pthread_mutex_unlock(&l->lock);
	if (!kept)
		redisFree(c);
}

/* ---- commands */
void
command_add(struct command *c, struct str arg)
{
	c->arg[c->count] = arg.ptr;
	c->len[c->count++] = arg.len;
}

void
answers_clear(struct answers *answers)
{
	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		if (answers->at[i] != NULL)
			freeReplyObject(answers->at[i]);
		answers->at[i] = NULL;
	}
}

static bool
read_answer(redisContext *c, redisReply **ret)
{
	void *reply = NULL;

	if (redisGetReply(c, &reply) != REDIS_OK || reply == NULL)
		return false;
	*ret = reply;
	return true;
}

static bool
ask(redisContext *c, const struct command *command, size_t count,
    struct answers *ret)
{
	*ret = (struct answers){ 0 };
	for (size_t i = 0; i < count; i++)
		if (redisAppendCommandArgv(c, command[i].count,
			(const char **)(uintptr_t)command[i].arg,
			command[i].len) != REDIS_OK)
			return false;
	for (size_t i = 0; i < count; i++)
		if (!read_answer(c, &ret->at[i])) {
			answers_clear(ret);
			return false;
		}
	return true;
}

static bool
is_refused(const struct answers *answers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (answers->at[i]->type == REDIS_REPLY_ERROR)
			return true;
	return false;
}

/* Authenticates, and selects the database. */
static bool
introduce(redisContext *c, const struct target *t)
{
	struct command command[2] = { 0 };
	struct answers answers;
	size_t count = 0;

	if (t->password.ptr != NULL) {
		command_add(&command[count], STR("AUTH"));
		if (t->user.ptr != NULL)
			command_add(&command[count], t->user);
		command_add(&command[count++], t->password);
	}
	if (t->database.ptr != NULL) {
		command_add(&command[count], STR("SELECT"));
		command_add(&command[count++], t->database);
	}
	if (!ask(c, command, count, &answers))
		return false;

	bool welcome = !is_refused(&answers, count);

	answers_clear(&answers);
	return welcome;
}

static redisContext *
connect_to(const struct target *t)
{
	redisContext *c =
	    t->path != NULL
		? redisConnectUnixWithTimeout(t->path, t->timeout)
		: redisConnectWithTimeout(t->host, t->port, t->timeout);

	if (c == NULL)
		return NULL;
	if (c->err == 0 && redisSetTimeout(c, t->timeout) == REDIS_OK &&
	    introduce(c, t))
		return c;
	redisFree(c);
	return NULL;
}

/* An idle connection may have been closed by the server meanwhile, but a
 * server that takes its time is not asked again. */
static bool
ask_on_idle(struct links *l, const struct command *command, size_t count,
    int64_t until_us, struct answers *ret)
{
	redisContext *c;
	bool answered = false;

	while (!answered && clock_mono_us() < until_us &&
	       (c = take_idle(l)) != NULL) {
		answered = ask(c, command, count, ret);
		give(l, c);
	}
	return answered;
}

static bool
ask_anew(struct links *l, const struct command *command, size_t count,
    struct answers *ret)
{
	redisContext *c = connect_to(&l->target);

	if (c == NULL)
		return false;

	bool answered = ask(c, command, count, ret);

	give(l, c);
	return answered;
}

bool
links_ask(struct links *l, const struct command *command, size_t count,
    struct answers *ret)
{
	const struct timeval *t = &l->target.timeout;
	int64_t until_us =
	    clock_mono_us() + t->tv_sec * CLOCK_SECOND + t->tv_usec;
	bool answered = ask_on_idle(l, command, count, until_us, ret);

	if (!answered && clock_mono_us() < until_us)
		answered = ask_anew(l, command, count, ret);
	if (answered && is_refused(ret, count)) {
		answers_clear(ret);
		return false;
	}
	return answered;
}
