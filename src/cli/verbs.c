#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* The day the manual pages were last changed, for their foot. */
#define MANUAL_DATE "November 21, 2026"

static int
serve_run(const struct command *c)
{
	(void)c;
	return COMMAND_SERVE;
}

static int
sample_config_run(const struct command *c)
{
	(void)c;
	settings_print_sample(stdout);
	return 0;
}

static int
manual_run(const struct command *c)
{
	bool of_program = c->operand != NULL && strcmp(c->operand, "8") == 0;

	(void)printf(".Dd " MANUAL_DATE
		     "\n.Dt %s\n.Os Pangolin " PANGOLIN_VERSION "\n",
	    of_program ? "PANGOLIN 8" : "PANGOLIN.TOML 5");
	if (of_program)
		verbs_print_manual(stdout);
	else
		settings_print_man(stdout);
	return 0;
}

static int
completion_run(const struct command *c)
{
	if (strcmp(c->operand, "bash") == 0)
		verbs_print_bash(stdout);
	else
		verbs_print_zsh(stdout);
	return 0;
}

static int
version_run(const struct command *c)
{
	(void)puts("pangolin " PANGOLIN_VERSION);
	return c->value[FLAG_LIBRARIES] == NULL
		   ? 0
		   : libraries_print(stdout, c->serving);
}

static int
help_run(const struct command *c)
{
	const struct verb *about;

	if (c->operand == NULL) {
		verbs_print_usage(stdout);
		return 0;
	}
	about = verb_find(c->operand);
	if (about == NULL) {
		verb_complain(c->operand);
		return EXIT_BAD_SETTINGS;
	}
	verbs_print_help(stdout, about);
	return 0;
}

#define BIT(flag) (1u << (flag))
#define STATE (BIT(FLAG_CONFIG) | BIT(FLAG_STATE_DIR) | BIT(FLAG_USER))

/* clang-format off */
const struct flag_row flag_table[FLAG_COUNT] = {
[FLAG_CONFIG] = { "-c", "FILE", NULL,
    "the configuration in TOML, defaults where it is silent or not given" },
[FLAG_STATE_DIR] = { "--state-dir", "DIR", "server.state_dir",
    "where everything is kept" },
[FLAG_USER] = { "--user", "USER", "server.user",
    "whom to become when started as root; root: stay root" },
[FLAG_LISTEN] = { "--listen", "ADDRESS", "server.listen",
    "address and port to listen on" },
[FLAG_ADMIN_PASSWORD_FILE] = { "--admin-password-file", "FILE", NULL,
    "its first line is the password of root and admin" },
[FLAG_PASSWORD_FILE] = { "--password-file", "FILE", NULL,
    "its first line is the new password" },
[FLAG_LIBRARIES] = { "--libraries", NULL, NULL,
    "also what is in the program, with versions and licences" },
[FLAG_QUIET] = { "--quiet", NULL, NULL,
    "say nothing while it goes well" },
[FLAG_VERIFY] = { "--verify", NULL, NULL,
    "look for the metadata files of all tables and views, too" },
};

const struct verb verb_table[] = {
{ "serve", { NULL, NULL, false }, STATE | BIT(FLAG_LISTEN), serve_run,
    "run the catalog in the foreground",
    "The first start makes what\n.Cm init\nmakes.\n"
    "The server is ready when\n.Ql GET /health/ready\nanswers 200.\n"
    "On\n.Dv SIGTERM\nit answers what is in progress and ends.\n"
    "Started as root, it becomes the user\n.Ic server.user\n"
    "and fails where there is none.\n" },
{ "init", { NULL, NULL, false }, STATE | BIT(FLAG_ADMIN_PASSWORD_FILE),
    init_run,
    "make the state directory and the first users without serving",
    "Refuses when that has been done.\n"
    "Without a file the password is random and is in\n"
    ".Pa initial-admin-password\nin the state directory until both users\n"
    "have another one.\n" },
{ "reset-password", { "USERNAME", NULL, false },
    STATE | BIT(FLAG_PASSWORD_FILE), reset_password_run,
    "give a user a new password while no server runs",
    "Without a file the password is random and is printed once.\n" },
{ "backup", { "FILE", NULL, false }, STATE | BIT(FLAG_QUIET), backup_run,
    "copy the store into a file, also while a server runs",
    "The file restores into any kind of store.\n"
    "It holds hashes of passwords and keys, and is for its owner only.\n"
    "Metadata and data files of tables are not in it.\n"
    "As\n.Ql -\nit is standard output.\n" },
{ "restore", { "FILE", NULL, false },
    STATE | BIT(FLAG_QUIET) | BIT(FLAG_VERIFY), restore_run,
    "put a backup into an empty store while no server runs",
    "The file is checked before anything is written, and the store is\n"
    "compared with it afterwards.\n"
    "A restore that was cut is made again with the same file; no server\n"
    "works on the store before.\n"
    "With\n.Fl -verify\nmetadata files that are missing are printed, and the\n"
    "exit code is then 1.\n"
    "As\n.Ql -\nthe file is standard input.\n" },
{ "check-config", { NULL, NULL, false }, STATE | BIT(FLAG_LISTEN),
    check_config_run,
    "print what is in force, and OK or what is wrong",
    "Secrets are masked.\n"
    "Plugins are loaded, certificate and key of TLS are tried, and the\n"
    "directories of warehouses are looked at, as the server's account.\n"
    "It ends with OK, or with what is wrong on standard error.\n" },
{ "sample-config", { NULL, NULL, false }, 0, sample_config_run,
    "print a configuration file with every key", "" },
{ "manual", { "SECTION", "5 8", true }, 0, manual_run,
    "print a manual page in mdoc",
    "Section 5, which is the default, has the settings; section 8 is this\n"
    "page.\n" },
{ "completion", { "SHELL", "bash zsh", false }, 0, completion_run,
    "print what completes command lines in a shell", "" },
{ "version", { NULL, NULL, false }, BIT(FLAG_LIBRARIES), version_run,
    "print the version", "" },
{ "help", { "VERB", NULL, true }, 0, help_run,
    "print the verbs and their flags, or those of one verb",
    "So does\n.Fl -help\nbehind a verb.\n" },
{ NULL, { NULL, NULL, false }, 0, NULL, NULL, NULL },
};
/* clang-format on */
