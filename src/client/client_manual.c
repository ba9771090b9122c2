/*
 * client_manual.c - pangolin-admin(1) in mdoc, and completions.
 */
#include <ctype.h>

#include "client/client_help.h"

/* ---- the manual */
static const char man_middle[] =
    ".Sh DESCRIPTION\n"
    ".Nm\n"
    "asks a Pangolin server, and prints what it answers: a table, lines, or\n"
    "with\n.Fl -json\nJSON.\n"
    "Lists are walked to their end, or to\n.Fl -limit .\n"
    "Where the server wants an id, a name will do that one of its lists has.\n"
    "A flag may be shortened as long as no other begins so.\n"
    ".Pp\n"
    "A value\n.Ql @FILE\nis what is in the file, of members in JSON and of\n"
    ".Ql NAME=@FILE .\n"
    "Secrets are never on the command line, which others can see: they are\n"
    "asked for, or in a file; the file\n.Ql -\nis standard input.\n"
    ".Pp\n"
    "The options are:\n"
    ".Bl -tag -width Ds\n";

static const char man_tail[] =
    ".Sh ENVIRONMENT\n"
    ".Bl -tag -width Ds\n"
    ".It Ev PANGOLIN_URL\n"
    "The server, if\n.Fl -url\nis not given.\n"
    ".It Ev PANGOLIN_TENANT\n"
    "The tenant, if\n.Fl -tenant\nis not given.\n"
    ".It Ev SSL_CERT_FILE\n"
    "Certificates to trust instead of those of the system.\n"
    ".El\n"
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa ~/.config/pangolin/default.json\n"
    "Where one has signed in, and the token; mode 0600.\n"
    "Another\n.Fl -profile\nhas a file of its own.\n"
    "The token is sent to the server that gave it and to no other.\n"
    ".El\n"
    ".Sh EXIT STATUS\n"
    "0: done.\n"
    "1: the server refused, or a task failed or was cancelled.\n"
    "2: the command line is wrong.\n"
    "3: no answer came.\n"
    "130: Ctrl-C ended the waiting for a task, which goes on.\n"
    ".Sh SEE ALSO\n"
    ".Xr pangolin 8\n";

/* A line of prose: what roff would take for its own is harmless. */
static void
print_prose(FILE *f, const char *text)
{
	if (*text == '.' || *text == '\'')
		(void)fputs("\\&", f);
	for (; *text != '\0'; text++)
		if (*text == '\\')
			(void)fputs("\\e", f);
		else
			(void)fputc(*text, f);
	(void)fputc('\n', f);
}

static void
print_man_argument(FILE *f, struct arena *a, const struct argument *g)
{
	if (g->operand)
		(void)fprintf(
		    f, ".It Ar " STR_FMT "\n", STR_ARG(argument_title(a, g)));
	else
		(void)fprintf(f, ".It Fl " STR_FMT "%s Ar value\n",
		    STR_ARG(str_skip(g->flag, 1)),
		    g->type == FORM_SECRET ? "-file" : "");
	print_prose(f, g->help);
}

static void
print_man_command(FILE *f, struct arena *a, const struct route_command *c)
{
	struct arguments all = arguments_of(a, c->route);

	(void)fprintf(f, ".Ss " STR_FMT "\n", STR_ARG(c->name));
	print_prose(
	    f, arena_cstr(a, arena_printf(a, "%s %s",
				 c->route->method == METHOD_GET      ? "GET"
				 : c->route->method == METHOD_POST   ? "POST"
				 : c->route->method == METHOD_DELETE ? "DELETE"
				 : c->route->method == METHOD_PATCH  ? "PATCH"
								     : "PUT",
				 c->route->path)));
	if (all.count == 0)
		return;
	(void)fputs(".Bl -tag -width Ds\n", f);
	for (size_t i = 0; i < all.count; i++)
		print_man_argument(f, a, &all.at[i]);
	(void)fputs(".El\n", f);
}

static void
print_man_options(FILE *f)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *o = &client_options[i];

		(void)fprintf(f, ".It Fl %s%s%s\n%c%s.\n", o->name + 1,
		    o->value != NULL ? " Ar " : "",
		    o->value != NULL ? o->value : "",
		    toupper((unsigned char)o->help[0]), o->help + 1);
	}
	(void)fputs(".El\n", f);
}

static void
print_man_older(FILE *f, struct command_line line)
{
	(void)fputs(".Sh OTHER NAMES\n"
		    "Commands have names of other catalogs' programs, too:\n"
		    ".Bl -column list-merge-operations -compact\n",
	    f);
	for (const struct older_name *o = older_names; o->name != NULL; o++) {
		char *name = strdupa(o->name);

		if (command_line_find(&line, 1, &name) != 0)
			(void)fprintf(f, ".It %s Ta %s\n", o->name, o->command);
	}
	(void)fputs(".El\n", f);
}

void
client_print_manual(FILE *f, const struct command_line *line)
{
	(void)fputs(".Dd November 24, 2026\n.Dt ", f);
	for (const char *p = line->program; *p != '\0'; p++)
		(void)fputc(toupper((unsigned char)*p), f);
	(void)fprintf(f,
	    " 1\n.Os Pangolin " PANGOLIN_VERSION "\n"
	    ".Sh NAME\n.Nm %s\n.Nd commands for a Pangolin server\n"
	    ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar flags\n",
	    line->program);
	(void)fputs(man_middle, f);
	print_man_options(f);
	(void)fputs(".Sh COMMANDS\n"
		    "Every address of the API is one.\n",
	    f);
	for (size_t i = 0; i < line->commands.count; i++)
		print_man_command(f, line->arena, &line->commands.at[i]);
	print_man_older(f, *line);
	(void)fputs(man_tail, f);
}

/* ---- completions: shells find the next word of a command by the names of
 * all, and its flags by its name */
static void
print_flags(FILE *f, struct arena *a, const struct route_command *c)
{
	struct arguments all = arguments_of(a, c->route);

	for (size_t i = 0; i < all.count; i++)
		if (!all.at[i].operand)
			(void)fprintf(f, STR_FMT "%s ", STR_ARG(all.at[i].flag),
			    all.at[i].type == FORM_SECRET ? "-file" : "");
	for (int i = 0; i < OPTION_COUNT; i++)
		if (i != OPTION_BODY || c->route->body != NULL)
			(void)fprintf(f, "%s ", client_options[i].name);
}

/* A name and what stands between it and its flags, in quotes. */
static void
print_row(FILE *f, bool bash, const char *name)
{
	(void)fprintf(f, bash ? "\t['%s']='" : "\t'%s' '", name);
}

static void
print_table(FILE *f, const struct command_line *line, bool bash)
{
	static const char *const local[] = { "help", "login", "logout",
		"manual", "version", "completion bash", "completion zsh" };

	for (size_t i = 0; i < line->commands.count; i++) {
		const struct route_command *c = &line->commands.at[i];

		print_row(f, bash, arena_cstr(line->arena, c->name));
		print_flags(f, line->arena, c);
		(void)fputs("'\n", f);
	}
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		print_row(f, bash, local[i]);
		(void)fputs("'\n", f);
	}
}

/* The function's name, without hyphens. */
static const char *
function_of(const struct command_line *line)
{
	return strcmp(line->program, "pangolin-user") == 0 ? "_pangolin_user"
							   : "_pangolin_admin";
}

void
client_print_bash(FILE *f, const struct command_line *line)
{
	(void)fprintf(f,
	    "# made by: %s completion bash\n"
	    "%s() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words='' name rest\n"
	    "\tlocal typed=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\"\n"
	    "\tlocal -A flags=(\n",
	    line->program, function_of(line));
	print_table(f, line, true);
	(void)fprintf(f,
	    "\t)\n"
	    "\tCOMPREPLY=()\n"
	    "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n"
	    "\t*-file | --body) mapfile -t COMPREPLY < "
	    "<(compgen -f -- \"$cur\")\n"
	    "\t\treturn ;;\n"
	    "\tesac\n"
	    "\tfor name in \"${!flags[@]}\"; do\n"
	    "\t\tcase \"$typed \" in \"$name \"*) "
	    "words+=\" ${flags[$name]}\" ;; esac\n"
	    "\t\trest=${name#\"${typed:+$typed }\"}\n"
	    "\t\t[ \"${typed:+$typed }$rest\" != \"$name\" ] ||\n"
	    "\t\t\twords+=\" ${rest%%%% *}\"\n"
	    "\tdone\n"
	    "\tmapfile -t COMPREPLY < "
	    "<(compgen -W \"$words\" -- \"$cur\" | sort -u)\n"
	    "}\n"
	    "complete -F %s %s\n",
	    function_of(line), line->program);
}

void
client_print_zsh(FILE *f, const struct command_line *line)
{
	(void)fprintf(f,
	    "#compdef %s\n"
	    "# made by: %s completion zsh\n"
	    "%s() {\n"
	    "\tlocal name rest typed=\"${(j: :)words[2,CURRENT-1]}\"\n"
	    "\tlocal -a found\n"
	    "\tlocal -A flags\n"
	    "\tflags=(\n",
	    line->program, line->program, function_of(line));
	print_table(f, line, false);
	(void)fprintf(f,
	    "\t)\n"
	    "\tif [[ $words[CURRENT-1] == (*-file|--body) ]]; then\n"
	    "\t\t_files\n"
	    "\t\treturn\n"
	    "\tfi\n"
	    "\tfor name in \"${(@k)flags}\"; do\n"
	    "\t\t[[ \"$typed \" == \"$name \"* ]] && "
	    "found+=(${=flags[$name]})\n"
	    "\t\trest=${name#\"${typed:+$typed }\"}\n"
	    "\t\t[[ \"${typed:+$typed }$rest\" == \"$name\" ]] && "
	    "found+=(${rest%%%% *})\n"
	    "\tdone\n"
	    "\tcompadd -- $found\n"
	    "}\n"
	    "%s \"$@\"\n",
	    function_of(line));
}
