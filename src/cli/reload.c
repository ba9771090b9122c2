/*
 * reload.c - one writer, and readers that try again: the count of versions is
 * odd while the parent writes.
 */
#include "cli/reload.h"

#include <stdalign.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/tls_keeper.h"
#include "config/settings_live.h"

struct live {
	alignas(64) _Atomic unsigned version;
	struct settings settings; /* its numbers only mean something */
};

size_t
reload_size(void)
{
	return sizeof(struct live);
}

void
reload_init(struct serving *s, struct shm *shm)
{
	s->live = SHM_NEW(shm, struct live, 1);
}

static void
take(struct serving *s, const struct settings *from)
{
	settings_take_live(&s->settings, from);
	s->server_settings.grace_us = s->settings.shutdown_grace_us;
	log_set_level(s->settings.log_level);
}

static void
tell_changes(const struct settings *old, const struct settings *new)
{
	for (const struct setting *row = settings_table; row->key; row++) {
		if (setting_is_same(row, old, new))
			continue;
		if ((row->flags & SETTING_LIVE) != 0)
			log_line(LEVEL_INFO, "%s has changed", row->key);
		else
			log_line(LEVEL_WARN,
			    "%s has changed; this needs a restart", row->key);
	}
	if (!settings_have_same_options(old, new))
		log_line(LEVEL_WARN,
		    "options of a plugin have changed; this needs a restart");
}

static void
publish(struct live *live, const struct settings *fresh)
{
	atomic_fetch_add(&live->version, 1);
	atomic_thread_fence(memory_order_seq_cst);
	live->settings = *fresh;
	atomic_thread_fence(memory_order_seq_cst);
	atomic_fetch_add(&live->version, 1);
}

void
reload_read(struct serving *s)
{
	struct arena *a = arena_new_hidden();
	struct settings fresh;
	struct error e = { 0 };

	notify_reloading(&s->notify, clock_mono_us());
	if (settings_load(a, s->source.file, s->source.overrides,
		s->source.override_count, &fresh, &e) == OK) {
		tell_changes(&s->loaded, &fresh);
		settings_take_live(&s->loaded, &fresh);
		take(s, &fresh);
		publish(s->live, &fresh);
		log_line(LEVEL_INFO, "the settings have been read again");
	} else {
		log_line(LEVEL_ERROR, "the settings stay as they are: %s",
		    e.message);
	}
	notify_reloaded(&s->notify);
	arena_free(a);
	tls_keeper_reread(s);
}

void
reload_take(struct serving *s)
{
	unsigned version = atomic_load(&s->live->version);
	struct settings fresh;

	if (version == s->live_version || version % 2 != 0)
		return;
	fresh = s->live->settings;
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&s->live->version) != version)
		return;
	s->live_version = version;
	take(s, &fresh);
}
