/*
 * main.c - kore's hooks.  kore has main() and the processes; the verbs of the
 * command line are in cli/, requests are answered in http/ and api/.
 */
#include <kore/kore.h>
#include <kore/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "api/access.h"
#include "api/idempotency.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/process_title.h"
#include "cli/reload.h"
#include "cli/tls_keeper.h"
#include "client/client.h"
#include "ops/observe.h"

/* kore finds its hooks by name: src/exported.syms lists them. */
#define EXPORTED __attribute__((visibility("default")))
EXPORTED void kore_parent_configure(int argc, char **argv);
EXPORTED void kore_worker_configure(void);
EXPORTED void kore_worker_teardown(void);
EXPORTED void kore_seccomp_hook(void);
int __wrap_mkstemp64(char *name);
int __wrap_shmget(key_t key, size_t size, int flags);
void *__wrap_shmat(int id, const void *at, int flags);
int __wrap_shmctl(int id, int command, struct shmid_ds *ds);
void __real_kore_worker_init(void);
void __wrap_kore_worker_init(void);
void __real_kore_worker_shutdown(void);
void __wrap_kore_worker_shutdown(void);
void __real_kore_timer_run(u_int64_t now_ms);
void __wrap_kore_timer_run(u_int64_t now_ms);
void __wrap_kore_proctitle(const char *role);
void __wrap_kore_log(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* How often a worker looks for new settings. */
#define RELOAD_MS 250

static struct serving serving;

/*
 * kore's own list of system calls that are allowed kills a worker that makes
 * a thread or opens SQLite.  This one says what no worker ever does; the rule
 * that allows the rest comes first enough to replace kore's.
 */
/* clang-format off */
static struct sock_filter denied[] = {
	KORE_SYSCALL_DENY(execve, EPERM),
	KORE_SYSCALL_DENY(execveat, EPERM),
	KORE_SYSCALL_DENY(ptrace, EPERM),
	KORE_SYSCALL_DENY(mount, EPERM),
	KORE_SYSCALL_DENY(umount2, EPERM),
	KORE_SYSCALL_DENY(pivot_root, EPERM),
	KORE_SYSCALL_DENY(chroot, EPERM),
	KORE_SYSCALL_DENY(setns, EPERM),
	KORE_SYSCALL_DENY(unshare, EPERM),
	KORE_SYSCALL_DENY(bpf, EPERM),
	KORE_SYSCALL_DENY(init_module, EPERM),
	KORE_SYSCALL_DENY(finit_module, EPERM),
	KORE_SYSCALL_DENY(delete_module, EPERM),
	KORE_SYSCALL_DENY(kexec_load, EPERM),
	KORE_SYSCALL_DENY(keyctl, EPERM),
	KORE_SYSCALL_DENY(add_key, EPERM),
	KORE_SYSCALL_DENY(perf_event_open, EPERM),
	KORE_SYSCALL_DENY(process_vm_readv, EPERM),
	KORE_SYSCALL_DENY(process_vm_writev, EPERM),
	KORE_SYSCALL_DENY(io_uring_setup, EPERM),
	KORE_SYSCALL_DENY(userfaultfd, EPERM),
	KORE_BPF_RET(SECCOMP_RET_ALLOW)
};
/* clang-format on */

void
kore_seccomp_hook(void)
{
	(void)kore_seccomp_filter("denied", denied, KORE_FILTER_LEN(denied));
}

/* kore writes the configuration that is built in to a file in /tmp to read it
 * back; a file without a name needs no /tmp that can be written. */
int
__wrap_mkstemp64(char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

/*
 * kore shares its accept lock with its children in a System V segment, which
 * kill -9 would leave behind; after 4,096 of these nothing starts any more.
 * Children inherit a mapping without a name just as well.
 */
static size_t lock_size;

int
__wrap_shmget(key_t key, size_t size, int flags)
{
	(void)key;
	(void)flags;
	lock_size = size;
	return 0;
}

void *
__wrap_shmat(int id, const void *at, int flags)
{
	(void)id;
	(void)at;
	(void)flags;
	return mmap(NULL, lock_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int
__wrap_shmctl(int id, int command, struct shmid_ds *ds)
{
	(void)id;
	(void)command;
	(void)ds;
	return 0;
}

/*
 * kore takes the environment that it finds for the one that the kernel wrote
 * behind the arguments, and writes its title over as many bytes: past the top
 * of the stack when a library that was loaded first has added to it.  It also
 * reads an environment that clearenv() has taken away.  What the kernel wrote
 * is measured before kore's main() replaces the strings.
 */
static struct process_title title;

__attribute__((constructor)) static void
find_title(int argc, char **argv)
{
	static char *nothing[] = { NULL };

	title = process_title_find(argc, argv);
	if (environ == NULL)
		environ = nothing;
}

void
__wrap_kore_proctitle(const char *role)
{
	process_title_set(title, role);
}

/* kore's own lines join ours. */
void
__wrap_kore_log(int priority, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	log_line(priority <= LOG_ERR ? LEVEL_ERROR : LEVEL_INFO, "%s", message);
}

/*
 * kore keeps the last signal only, and forgets one that comes while it acts on
 * another.  In the parent each kind has a place of its own; in a child that
 * has no handlers of its own yet, all is as kore has it.
 */
static volatile sig_atomic_t child_died, reload_wanted;
static pid_t parent;

static void
parent_signal(int sig)
{
	if (getpid() == parent && sig == SIGCHLD) {
		child_died = 1;
	} else if (getpid() == parent && sig == SIGHUP) {
		reload_wanted = 1;
	} else {
		if (getpid() == parent)
			atomic_store(
			    &serving.server_settings.orders->end, true);
		sig_recv = sig;
	}
}

static void
parent_turn(void)
{
	if (child_died) {
		child_died = 0;
		kore_worker_reap();
	}
	if (reload_wanted) {
		reload_wanted = 0;
		reload_read(&serving);
	}
	notify_watch(&serving.notify, serving.app.slots, clock_mono_us());
	tls_keeper_tick(&serving);
}

/* All main loops of kore come by here, once in each turn; that of the parent
 * ten times a second. */
void
__wrap_kore_timer_run(u_int64_t now_ms)
{
	if (worker == NULL)
		parent_turn();
	else
		server_end_turn();
	__real_kore_timer_run(now_ms);
}

static void
take_new_settings(void *arg, u_int64_t now_ms)
{
	(void)now_ms;
	reload_take(arg);
}

/* kore sets its own handlers before it makes the workers, and in each of
 * them. */
void
__wrap_kore_worker_init(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGCHLD,
		SIGHUP };
	struct sigaction action = { .sa_handler = parent_signal };

	parent = getpid();
	(void)sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
	__real_kore_worker_init();
}

/* The parent waits for its workers to end. */
void
__wrap_kore_worker_shutdown(void)
{
	notify_stopping(&serving.notify, serving.server_settings.grace_us);
	__real_kore_worker_shutdown();
	log_line(LEVEL_INFO, "stopped");
}

static void
configure_kore(struct serving *s)
{
	struct str dir = s->app.state_dir;
	struct str pid =
	    arena_printf(s->arena, STR_FMT "/" PID_FILE, STR_ARG(dir));

	kore_quiet = 1;
	kore_foreground = 1;
	skip_chroot = 1; /* the CA bundle, names and warehouses are outside */
	skip_runas = s->account.name == NULL;
	if (s->account.name != NULL)
		kore_runas_user = kore_strdup(s->account.name);
	kore_root_path = kore_strdup(dir.ptr);
	kore_pidfile = kore_strdup(pid.ptr);
}

void
kore_parent_configure(int argc, char **argv)
{
	if (client_is_meant(&argc, &argv))
		exit(client_run(argc, argv));
	serving.arena = arena_new_hidden(); /* settings have secrets */
	serving.kore_version = kore_version;

	int status = command_run(argc, argv, &serving);

	if (status != COMMAND_SERVE)
		exit(status);
	serving.server_settings.routes = api_routes;
	serving.server_settings.stages = (struct stages){ access_identify,
		access_authorize, idempotency_handle };
	serving.server_settings.observe = observe_request;
	status = serve_prepare(&serving);
	if (status != 0)
		exit(status);
	configure_kore(&serving);
}

void
kore_worker_configure(void)
{
	struct error e = { 0 };
	unsigned index = (unsigned)worker->id - 1;
	struct slot *slot = &serving.app.slots.at[index];

	serving.app.worker = index;
	server_enter(serving.server);
	if (log_start(&slot->gauge[GAUGE_LOG_DROPPED], &e) == OK &&
	    serve_start(&serving, &e) == OK) {
		(void)kore_timer_add(take_new_settings, RELOAD_MS, &serving, 0);
		return;
	}
	/* kore would start another worker at once, and again: stop instead */
	log_line(LEVEL_ERROR, "worker %d: %s", (int)worker->id, e.message);
	log_flush(CLOCK_SECOND);
	(void)kill(getppid(), SIGTERM);
	_exit(1);
}

void
kore_worker_teardown(void)
{
	serving.app.draining = true;
	serve_stop(&serving);
	server_drain(serving.server);
}
