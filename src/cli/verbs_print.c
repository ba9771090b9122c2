/*
 * verbs_print.c - the table of verbs for people and shells.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/verbs.h"

static bool
takes(const struct verb *v, unsigned flag)
{
	return (v->flags & 1u << flag) != 0;
}

static bool
value_is(const struct flag_row *f, const char *value)
{
	return f->value != NULL && strcmp(f->value, value) == 0;
}

/* ---- pangolin help */

/* "[-c FILE]", "USERNAME", "[5|8]" */
static int
print_synopsis(FILE *f, const struct verb *v)
{
	const struct operand *o = &v->operand;
	int width = fprintf(f, "%s", v->name);

	if (o->name != NULL)
		width += fprintf(f, o->optional ? " [%s]" : " %s", o->name);
	return width;
}

/* "  --listen ADDRESS   address and port to listen on" */
static void
print_flag(FILE *f, const struct flag_row *row)
{
	int width =
	    fprintf(f, "  %s%s%s", row->name, row->value != NULL ? " " : "",
		row->value != NULL ? row->value : "");

	(void)fprintf(f, "%*s%s\n", width < 30 ? 30 - width : 1, "", row->help);
}

void
verbs_print_usage(FILE *f)
{
	(void)fputs("usage: pangolin VERB [flags]\n\n", f);
	for (const struct verb *v = verb_table; v->name != NULL; v++) {
		int width = fprintf(f, "  ") + print_synopsis(f, v);

		(void)fprintf(
		    f, "%*s%s\n", width < 27 ? 27 - width : 1, "", v->help);
	}
	(void)fputc('\n', f);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		print_flag(f, &flag_table[i]);
		(void)fprintf(f, "%*sof", 30, "");
		for (const struct verb *v = verb_table; v->name != NULL; v++)
			if (takes(v, i))
				(void)fprintf(f, " %s", v->name);
		(void)fputc('\n', f);
	}
	(void)fputs(
	    "\npangolin admin help has the commands that ask a server.\n", f);
}

void
verbs_print_help(FILE *f, const struct verb *v)
{
	(void)fputs("usage: pangolin ", f);
	(void)print_synopsis(f, v);
	(void)fprintf(f, "%s\n\n  %c%s.\n", v->flags != 0 ? " [flags]" : "",
	    toupper((unsigned char)v->help[0]), v->help + 1);
	if (v->flags != 0)
		(void)fputc('\n', f);
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (takes(v, i))
			print_flag(f, &flag_table[i]);
	(void)fputs("\npangolin manual 8 | man -l - says more.\n", f);
}

/* ---- pangolin(8) */

/* The prose around the tables. */
static const char man_head[] = ".Sh NAME\n"
			       ".Nm pangolin\n"
			       ".Nd Apache Iceberg REST catalog\n";

static const char man_description[] =
    ".Sh DESCRIPTION\n"
    ".Nm\n"
    "is a catalog of Apache Iceberg tables for many tenants.\n"
    "Clients reach it by the Iceberg REST protocol.\n"
    ".Pp\n"
    "The verbs are:\n"
    ".Bl -tag -width Ds\n";

static const char man_tail[] =
    ".Sh ENVIRONMENT\n"
    "Settings have variables of their own, see\n"
    ".Xr pangolin.toml 5 .\n"
    "A service manager sets these:\n"
    ".Bl -tag -width Ds\n"
    ".It Ev LISTEN_FDS , LISTEN_PID\n"
    "A socket that already listens, on the address of\n"
    ".Va server.listen ,\n"
    "is file descriptor 3.\n"
    "It is served instead of sockets of the server's own, and outlives it:\n"
    "connections wait in it during a restart.\n"
    ".It Ev NOTIFY_SOCKET\n"
    "Where to say that the workers serve, that settings are read again, that\n"
    "the end has begun, and how many workers live.\n"
    ".It Ev WATCHDOG_USEC , WATCHDOG_PID\n"
    "How often to say there that a worker lives; while none does, it is not\n"
    "said.\n"
    ".El\n"
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /etc/pangolin/pangolin.toml\n"
    "The configuration that the Debian package's unit reads.\n"
    ".It Pa /var/lib/pangolin\n"
    "The state directory of a server that root or the unit starts.\n"
    ".It Pa initial-admin-password\n"
    "In the state directory: the password of the first start.\n"
    ".El\n"
    ".Sh EXIT STATUS\n"
    "0: done.\n"
    "1: it failed, and a line says why.\n"
    "2: the command line or the configuration is wrong.\n"
    ".Sh EXAMPLES\n"
    "Somebody has forgotten the password of root:\n"
    ".Bd -literal -offset indent\n"
    "systemctl stop pangolin.socket pangolin\n"
    "pangolin reset-password -c /etc/pangolin/pangolin.toml root\n"
    "systemctl start pangolin\n"
    ".Ed\n"
    ".Sh SEE ALSO\n"
    ".Xr systemd.socket 5 ,\n"
    ".Xr sd_notify 3 ,\n"
    ".Xr pangolin-admin 1 ,\n"
    ".Xr pangolin.toml 5\n";

/* mdoc puts the first hyphen of a flag itself. */
static void
print_man_flag(FILE *f, const char *macro, const struct flag_row *row)
{
	(void)fprintf(f, "%s Fl %s", macro, row->name + 1);
	if (row->value != NULL)
		(void)fprintf(f, " Ar %s", row->value);
	(void)fputc('\n', f);
}

static void
print_man_synopsis(FILE *f, const struct verb *v)
{
	(void)fprintf(f, ".Nm\n.Cm %s\n", v->name);
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (takes(v, i))
			print_man_flag(f, ".Op", &flag_table[i]);
	if (v->operand.name != NULL)
		(void)fprintf(f,
		    v->operand.optional ? ".Op Ar %s\n" : ".Ar %s\n",
		    v->operand.name);
}

static void
print_man_verb(FILE *f, const struct verb *v)
{
	(void)fprintf(f, ".It Cm %s", v->name);
	if (v->operand.name != NULL)
		(void)fprintf(f, " Ar %s", v->operand.name);
	(void)fprintf(f, "\n%c%s.\n%s", toupper((unsigned char)v->help[0]),
	    v->help + 1, v->more);
}

void
verbs_print_manual(FILE *f)
{
	const struct verb *v;

	(void)fputs(man_head, f);
	(void)fputs(".Sh SYNOPSIS\n", f);
	for (v = verb_table; v->name != NULL; v++)
		print_man_synopsis(f, v);
	(void)fputs(man_description, f);
	for (v = verb_table; v->name != NULL; v++)
		print_man_verb(f, v);
	(void)fputs(".El\n.Pp\nThe flags are:\n.Bl -tag -width Ds\n", f);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const char *help = flag_table[i].help;

		print_man_flag(f, ".It", &flag_table[i]);
		(void)fprintf(
		    f, "%c%s.\n", toupper((unsigned char)help[0]), help + 1);
	}
	(void)fputs(".El\n", f);
	(void)fputs(man_tail, f);
}

/* ---- completions */

/* The names of the flags that take such a value, '|' between them. */
static void
print_flags_of_value(FILE *f, const char *value)
{
	const char *between = "";

	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		if (!value_is(&flag_table[i], value))
			continue;
		(void)fprintf(f, "%s%s", between, flag_table[i].name);
		between = " | ";
	}
}

static bool
takes_file(const struct verb *v)
{
	return v->operand.name != NULL && strcmp(v->operand.name, "FILE") == 0;
}

static bool
takes_verb(const struct verb *v)
{
	return v->operand.name != NULL && strcmp(v->operand.name, "VERB") == 0;
}

static void
print_verb_names(FILE *f)
{
	for (const struct verb *v = verb_table; v->name != NULL; v++)
		(void)fprintf(f, "%s ", v->name);
}

static void
print_bash_verb(FILE *f, const struct verb *v)
{
	(void)fprintf(f, "\t%s) words='", v->name);
	if (v->operand.choices != NULL)
		(void)fprintf(f, "%s ", v->operand.choices);
	if (takes_verb(v))
		print_verb_names(f);
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (takes(v, i))
			(void)fprintf(f, "%s ", flag_table[i].name);
	(void)fprintf(f, "'%s ;;\n", takes_file(v) ? " files=-f" : "");
}

void
verbs_print_bash(FILE *f)
{
	const struct verb *v;

	(void)fputs("# made by: pangolin completion bash\n"
		    "_pangolin() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words= files=\n"
		    "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		    "\tCOMPREPLY=()\n"
		    "\tcase $prev in\n\t",
	    f);
	print_flags_of_value(f, "FILE");
	(void)fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		    "\t\treturn ;;\n\t",
	    f);
	print_flags_of_value(f, "DIR");
	(void)fputs(") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
		    "\t\treturn ;;\n\t",
	    f);
	print_flags_of_value(f, "ADDRESS");
	(void)fputs(") return ;;\n"
		    "\tesac\n"
		    "\tcase ${COMP_WORDS[1]} in\n",
	    f);
	for (v = verb_table; v->name != NULL; v++)
		print_bash_verb(f, v);
	(void)fputs("\tesac\n"
		    "\t[ \"$COMP_CWORD\" -ne 1 ] || words='",
	    f);
	print_verb_names(f);
	(void)fputs("'\n"
		    "\tmapfile -t COMPREPLY < <(compgen ${files:+-f} "
		    "-W \"$words\" -- \"$cur\")\n"
		    "}\n"
		    "complete -o filenames -F _pangolin pangolin\n",
	    f);
}

static void
print_zsh_flag(FILE *f, const struct flag_row *row)
{
	(void)fprintf(f, " \\\n\t\t    '%s[%s]", row->name, row->help);
	if (row->value != NULL)
		(void)fprintf(f, ":%s:%s", row->value,
		    value_is(row, "FILE")  ? "_files"
		    : value_is(row, "DIR") ? "_directories"
					   : "");
	(void)fputc('\'', f);
}

static void
print_zsh_verb(FILE *f, const struct verb *v)
{
	const struct operand *o = &v->operand;

	(void)fprintf(f, "\t%s) _arguments", v->name);
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (takes(v, i))
			print_zsh_flag(f, &flag_table[i]);
	if (takes_file(v))
		(void)fputs(" \\\n\t\t    '1:FILE:_files'", f);
	else if (takes_verb(v)) {
		(void)fputs(" \\\n\t\t    '1:VERB:(", f);
		print_verb_names(f);
		(void)fputs(")'", f);
	} else if (o->name != NULL)
		(void)fprintf(f, " \\\n\t\t    '1:%s:(%s)'", o->name,
		    o->choices != NULL ? o->choices : "");
	(void)fputs(" ;;\n", f);
}

void
verbs_print_zsh(FILE *f)
{
	const struct verb *v;

	(void)fputs("#compdef pangolin\n"
		    "# made by: pangolin completion zsh\n"
		    "_pangolin() {\n"
		    "\tlocal -a verbs\n"
		    "\tverbs=(\n",
	    f);
	for (v = verb_table; v->name != NULL; v++)
		(void)fprintf(f, "\t\t'%s:%s'\n", v->name, v->help);
	(void)fputs("\t)\n"
		    "\tif (( CURRENT == 2 )); then\n"
		    "\t\t_describe verb verbs\n"
		    "\t\treturn\n"
		    "\tfi\n"
		    "\tshift words\n"
		    "\t(( CURRENT-- ))\n"
		    "\tcase $words[1] in\n",
	    f);
	for (v = verb_table; v->name != NULL; v++)
		if (v->flags != 0 || v->operand.name != NULL)
			print_zsh_verb(f, v);
	(void)fputs("\tesac\n}\n_pangolin \"$@\"\n", f);
}
