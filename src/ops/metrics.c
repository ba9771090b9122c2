/* metrics.c - the samples of the table's rows, and the page they make. */
#include "ops/metrics.h"

#include <unistd.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "config/settings.h"
#include "ops/metrics_page.h"
#include "shm/statements.h"
#include "tls/tls_shared.h"

/* A worker that has been silent for so long does not count as one. */
#define SILENT_US (10 * CLOCK_SECOND)

/* ---- a sample: begin, then its value */
static void
add_head(struct page *p)
{
	const struct metric *m = p->metric;

	if (p->headed)
		return;
	p->headed = true;
	buf_printf(&p->out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help,
	    m->name, m->type);
}

/* Values of labels need no more escapes than JSON. */
void
sample_begin(struct page *p, const char *suffix, const char *const *values)
{
	add_head(p);
	buf_printf(&p->out, "%s%s", p->metric->name, suffix);
	for (size_t i = 0; values != NULL && i < LABELS_MAX &&
			   p->metric->label[i] != NULL && values[i] != NULL;
	     i++) {
		buf_printf(
		    &p->out, "%c%s=", i == 0 ? '{' : ',', p->metric->label[i]);
		buf_add_json(&p->out, str_from(values[i]));
	}
	buf_add(&p->out, values != NULL ? STR("} ") : STR(" "));
}

void
sample_number(struct page *p, int64_t value)
{
	buf_add_int(&p->out, value);
	buf_add_char(&p->out, '\n');
}

void
sample_seconds(struct page *p, int64_t us)
{
	buf_printf(&p->out, "%.6f\n", (double)us / (double)CLOCK_SECOND);
}

/* ---- what runs */
static void
build_info(struct page *p)
{
	const char *values[LABELS_MAX] = { PANGOLIN_VERSION,
		p->app->store_plugin->name };

	sample_begin(p, "", values);
	sample_number(p, 1);
}

static void
start_time(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_seconds(p, p->app->started_us);
}

static void
uptime(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_seconds(p, clock_now_us() - p->app->started_us);
}

static void
tls_expiry(struct page *p)
{
	if (p->app->tls == NULL)
		return;
	sample_begin(p, "", NULL);
	sample_seconds(p, tls_shared_ends_us(p->app->tls));
}

static int64_t
silence_of(const struct app *app, unsigned worker)
{
	return clock_mono_us() -
	       atomic_load_explicit(
		   &app->slots.at[worker].beat_us, memory_order_relaxed);
}

static void
workers(struct page *p)
{
	int64_t alive = 0;

	for (unsigned i = 0; i < p->app->slots.count; i++)
		alive += silence_of(p->app, i) < SILENT_US;
	sample_begin(p, "", NULL);
	sample_number(p, alive);
}

static const char *
decimal(struct page *p, int64_t n)
{
	return arena_printf(p->arena, "%lld", (long long)n).ptr;
}

static void
beat_age(struct page *p)
{
	for (unsigned i = 0; i < p->app->slots.count; i++) {
		const char *values[LABELS_MAX] = { decimal(p, i + 1) };

		sample_begin(p, "", values);
		sample_seconds(p, silence_of(p->app, i));
	}
}

/* ---- processes */
static void
begin_process(struct page *p, const struct process *process)
{
	const char *values[LABELS_MAX] = { process->name };

	sample_begin(p, "", values);
}

static void
resident(struct page *p)
{
	for (size_t i = 0; i < p->process_count; i++) {
		begin_process(p, &p->process[i]);
		sample_number(p, p->process[i].stat.resident_bytes);
	}
}

static void
cpu(struct page *p)
{
	for (size_t i = 0; i < p->process_count; i++) {
		begin_process(p, &p->process[i]);
		sample_seconds(p, p->process[i].stat.cpu_us);
	}
}

/* All or none: which worker answers must not decide what is there. */
static void
files(struct page *p)
{
	for (size_t i = 0; i < p->process_count; i++)
		if (p->process[i].stat.open_files < 0)
			return;
	for (size_t i = 0; i < p->process_count; i++) {
		begin_process(p, &p->process[i]);
		sample_number(p, p->process[i].stat.open_files);
	}
}

/* ---- the store */
static void
store_up(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, p->store_up ? 1 : 0);
}

static void
store_ping_time(struct page *p)
{
	if (!p->store_up)
		return;
	sample_begin(p, "", NULL);
	sample_seconds(p, p->store_us);
}

static int64_t
sum_of_pools(const struct app *app, size_t offset)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < app->slots.count; i++) {
		const void *n = (const char *)&app->pools[i].counts + offset;

		sum += atomic_load_explicit(
		    (const _Atomic int64_t *)n, memory_order_relaxed);
	}
	return sum;
}

static void
pool_sum(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, sum_of_pools(p->app, p->metric->offset));
}

static void
pool_wait(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_seconds(
	    p, sum_of_pools(p->app, offsetof(struct pool_counts, wait_us)));
}

static void
slow_statements(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, statements_count(p->app->statements));
}

/* ---- caches, all workers' */
static void
cache_level(struct page *p)
{
	for (size_t i = 0; i < levels_count(p->app->levels); i++) {
		const char *values[LABELS_MAX] = { p->level[i].name };
		int64_t value;

		memcpy(&value, (const char *)&p->level[i] + p->metric->offset,
		    sizeof(value));
		sample_begin(p, "", values);
		sample_number(p, value);
	}
}

/* ---- commits on their way; all workers' */
static void
commit_units(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, p->commits.queue.units);
}

static void
commit_batches(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, p->commits.queue.batches);
}

static void
commit_largest(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, p->commits.queue.full_size);
}

static void
add_state(struct page *p, const char *state, unsigned n)
{
	const char *values[LABELS_MAX] = { state };

	sample_begin(p, "", values);
	sample_number(p, n);
}

static void
commit_queue(struct page *p)
{
	add_state(p, "waiting", p->commits.queue.waiting);
	add_state(p, "taken", p->commits.queue.taken);
	add_state(p, "other", p->commits.queue.others);
}

static void
commit_turns(struct page *p)
{
	add_state(p, "held", p->commits.tickets.held);
	add_state(p, "waiting", p->commits.tickets.waiting);
}

/* ---- traffic */
static void
slot_sum(struct page *p)
{
	sample_begin(p, "", NULL);
	sample_number(p, slots_sum(p->app->slots, p->metric->gauge));
}

/* ---- the page */
/* clang-format off */
#define LABELS(...) { __VA_ARGS__ }
#define NO_LABELS { NULL }
#define METRIC(samples, name, type, labels, help) \
	{ name, type, labels, help, samples, GAUGE_COUNT, 0 },
#define SLOT(gauge, name, type, help) \
	{ name, type, NO_LABELS, help, slot_sum, gauge, 0 },
#define POOL(member, name, type, help) \
	{ name, type, NO_LABELS, help, pool_sum, GAUGE_COUNT, \
	    offsetof(struct pool_counts, member) },
#define CACHE(member, name, type, help) \
	{ name, type, LABELS("level"), help, cache_level, GAUGE_COUNT, \
	    offsetof(struct level_stats, member) },
static const struct metric table[] = {
#include "ops/metrics.def"
};
#undef METRIC
#undef SLOT
#undef POOL
#undef CACHE

#define METRIC(samples, name, type, labels, help)
#define POOL(member, name, type, help)
#define CACHE(member, name, type, help)
#define SLOT(gauge, name, type, help) + 1
_Static_assert(GAUGE_COUNT == 0
#include "ops/metrics.def"
    , "each gauge of shm/slots.h has a row in metrics.def");
/* clang-format on */

static void
look_at_process(struct page *p, const char *name, pid_t pid)
{
	struct process *process = &p->process[p->process_count];

	process->name = name;
	if (pid > 0 && process_stat(pid, &process->stat))
		p->process_count++;
}

static void
look_at_processes(struct page *p)
{
	struct slots slots = p->app->slots;

	p->process = ARENA_NEW(p->arena, struct process, slots.count + 1);
	look_at_process(p, "parent", getppid());
	for (unsigned i = 0; i < slots.count; i++)
		look_at_process(p,
		    arena_printf(p->arena, "worker-%u", i + 1).ptr,
		    atomic_load(&slots.at[i].pid));
}

static void
look_at_store(struct page *p)
{
	struct error ignored = { 0 };
	struct store_stats stats = { 0 };
	struct call call = { .store = p->app->store,
		.arena = p->arena,
		.error = &ignored,
		.deadline_us = clock_mono_us() + CLOCK_SECOND };

	p->store_up = store_ping(&call, &stats) == OK;
	p->store_us = stats.latency_us;
}

enum err
metrics_get(struct request *r)
{
	struct page page = {
		.arena = r->arena, .app = r->app, .out = buf_in(r->arena)
	};

	if (!r->app->settings->metrics_enabled)
		return fail(&r->error, ERR_NOT_FOUND,
		    "Metrics are turned off by metrics.enabled.");
	look_at_processes(&page);
	look_at_store(&page);
	page.commits = committer_count(r->app->committer);
	for (size_t i = 0; i < levels_count(r->app->levels); i++)
		level_stats(r->app->levels, i, &page.level[i]);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		page.metric = &table[i];
		page.headed = false;
		table[i].samples(&page);
	}
	r->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
	reply_part(r, buf_str(&page.out));
	return OK;
}
