/*
 * settings_print.c - the table of settings for people: the sample file, the
 * manual page, and the values in force.
 */
#include "base/buf.h"
#include "config/oidc_settings.h"

#define MASK "********"

/* ---- values */

static void
add_list(struct buf *b, const struct str_list *list)
{
	buf_add_char(b, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			buf_add(b, STR(", "));
		buf_add_json(b, list->at[i]);
	}
	buf_add_char(b, ']');
}

static void
add_networks(struct buf *b, const struct networks *networks)
{
	char text[NETWORK_TEXT];

	buf_add_char(b, '[');
	for (size_t i = 0; i < networks->count; i++) {
		network_format(&networks->at[i], text);
		buf_printf(b, "%s\"%s\"", i != 0 ? ", " : "", text);
	}
	buf_add_char(b, ']');
}

static void
add_string(struct buf *b, const struct setting *row, struct str s)
{
	bool hidden = (row->flags & SETTING_SECRET) != 0 && s.len != 0;

	buf_add_json(b, hidden ? STR(MASK) : s);
}

/* With a unit, so that it reads back as the same number of bytes or time. */
static void
add_number(struct buf *b, const struct setting *row, int64_t n)
{
	if (row->type != SETTING_INT)
		buf_add_char(b, '"');
	amount_add(b, setting_units(row), n);
	if (row->type != SETTING_INT)
		buf_add_char(b, '"');
}

/* The value of a field as TOML. */
static void
add_value(struct buf *b, const struct setting *row, const void *s)
{
	const void *field = (const char *)s + row->offset;
	int choice;
	int64_t n;
	bool yes;

	switch (row->type) {
	case SETTING_STRING:
	case SETTING_PATH:
	case SETTING_URL:
		add_string(b, row, *(const struct str *)field);
		break;
	case SETTING_ADDRESS:
		buf_add_json(b, ((const struct address *)field)->text);
		break;
	case SETTING_INT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		memcpy(&n, field, sizeof(n));
		add_number(b, row, n);
		break;
	case SETTING_BOOL:
		memcpy(&yes, field, sizeof(yes));
		buf_add(b, yes ? STR("true") : STR("false"));
		break;
	case SETTING_ENUM:
		memcpy(&choice, field, sizeof(choice));
		buf_add_json(b, str_from(row->choices[choice]));
		break;
	case SETTING_LIST:
		add_list(b, field);
		break;
	case SETTING_NETWORKS:
		add_networks(b, field);
		break;
	}
}

/* Names with commas between them, as an array. */
static void
add_names(struct buf *b, struct str names)
{
	buf_add_char(b, '[');
	for (bool first = true; names.len != 0; first = false) {
		buf_add(b, first ? STR("") : STR(", "));
		buf_add_json(b, str_trim(str_cut(&names, ',')));
	}
	buf_add_char(b, ']');
}

/* A default as TOML. */
static struct str
default_text(struct arena *a, const struct setting *row)
{
	struct buf b = buf_in(a);

	switch (row->type) {
	case SETTING_INT:
	case SETTING_BOOL:
		return str_from(row->fallback);
	case SETTING_LIST:
	case SETTING_NETWORKS:
		add_names(&b, str_from(row->fallback));
		break;
	case SETTING_STRING:
	case SETTING_PATH:
	case SETTING_ADDRESS:
	case SETTING_URL:
	case SETTING_DURATION:
	case SETTING_SIZE:
	case SETTING_ENUM:
		buf_add_json(&b, str_from(row->fallback));
		break;
	}
	return buf_str(&b);
}

/* The help, and which values are allowed. */
static const char *
help_text(struct arena *a, const struct setting *row)
{
	struct buf b = buf_in(a);

	buf_add(&b, str_from(row->help));
	if (row->choices != NULL) {
		buf_add(&b, STR("  One of"));
		for (size_t i = 0; row->choices[i] != NULL; i++)
			buf_printf(
			    &b, "%s %s", i != 0 ? "," : "", row->choices[i]);
		buf_add_char(&b, '.');
	} else if (row->type == SETTING_INT || row->type == SETTING_SIZE ||
		   row->type == SETTING_DURATION) {
		buf_add(&b, STR("  From "));
		amount_add(&b, setting_units(row), row->min);
		buf_add(&b, STR(" to "));
		amount_add(&b, setting_units(row), row->max);
		buf_add_char(&b, '.');
	}
	return arena_cstr(a, buf_str(&b));
}

/* Whether `row` is the first of its section; the top is none, and providers
 * have a table of their own. */
static bool
opens_section(const struct setting *row)
{
	struct str section = setting_section(row);

	return section.len != 0 && row != oidc_table &&
	       !str_eq(section, setting_section(row - 1));
}

/* ---- the values in force */

/* One table with dotted keys: the options of a plugin need not adjoin. */
static void
add_options(struct buf *b, const char *table, const struct options *options)
{
	if (options->count != 0)
		buf_printf(b, "\n[%s]\n", table);
	for (size_t i = 0; i < options->count; i++) {
		if (options->at[i].plugin.ptr != NULL) {
			buf_add_json(b, options->at[i].plugin);
			buf_add_char(b, '.');
		}
		buf_add_json(b, options->at[i].name);
		buf_add(b, STR(" = \"" MASK "\"\n"));
	}
}

static void
add_row(struct buf *b, const struct setting *row, const void *s)
{
	buf_printf(b, "%s = ", setting_name(row));
	add_value(b, row, s);
	buf_add_char(b, '\n');
}

static void
add_providers(struct buf *b, const struct settings *s)
{
	for (size_t i = 0; i < s->oidc_count; i++) {
		buf_printf(
		    b, "\n[oidc." STR_FMT "]\n", STR_ARG(s->oidc[i].name));
		for (const struct setting *row = oidc_table; row->key; row++)
			add_row(b, row, &s->oidc[i]);
	}
}

void
settings_print(FILE *f, const struct settings *s)
{
	struct arena *a = arena_new();
	struct buf b = buf_in(a);

	for (const struct setting *row = settings_table; row->key; row++) {
		if (opens_section(row))
			buf_printf(&b, "\n[" STR_FMT "]\n",
			    STR_ARG(setting_section(row)));
		add_row(&b, row, s);
	}
	add_providers(&b, s);
	add_options(&b, "store.options", &s->store_options);
	add_options(&b, "cache.options", &s->cache_options);
	(void)fwrite(b.data, 1, b.len, f);
	arena_free(a);
}

/* ---- the sample file */

#define WIDTH 78

/* Words in comment lines. */
static void
print_comment(FILE *f, const char *text)
{
	struct str rest = str_from(text);
	size_t column = 0;

	while (rest.ptr != NULL) {
		struct str word = str_cut(&rest, ' ');

		if (column == 0 || column + 1 + word.len > WIDTH) {
			(void)fputs(column == 0 ? "#" : "\n#", f);
			column = 1;
		}
		(void)fprintf(f, " " STR_FMT, STR_ARG(word));
		column += 1 + word.len;
	}
	(void)fputc('\n', f);
}

static void
print_sample_row(
    FILE *f, struct arena *a, const struct setting *row, const char *mark)
{
	struct str value = default_text(a, row);

	if (opens_section(row))
		(void)fprintf(
		    f, "\n[" STR_FMT "]\n", STR_ARG(setting_section(row)));
	(void)fputc('\n', f);
	print_comment(f, help_text(a, row));
	(void)fprintf(
	    f, "%s%s = " STR_FMT "\n", mark, setting_name(row), STR_ARG(value));
	if ((row->flags & SETTING_SECRET) != 0)
		(void)fprintf(f, "# Or %s_file: a file that has it.\n",
		    setting_name(row));
}

void
settings_print_sample(FILE *f)
{
	struct arena *a = arena_new();

	print_comment(f,
	    "Pangolin's settings with their defaults.  To change one, take "
	    "the # in front of it away.  pangolin.toml(5) says more.");
	for (const struct setting *row = settings_table; row->key; row++)
		print_sample_row(f, a, row, "#");
	(void)fputs("\n# A provider of sign-in (OpenID Connect), of any "
		    "name.\n#[oidc.NAME]\n",
	    f);
	for (const struct setting *row = oidc_table; row->key; row++)
		print_sample_row(f, a, row, "# ");
	(void)fputs("\n# What the store plugin wants to know, and each cache "
		    "plugin.\n#[store.options]\n#[cache.options.NAME]\n",
	    f);
	arena_free(a);
}

/* ---- pangolin.toml(5) */

/* The prose around the table; the table itself is never written here. */
static const char man_head[] =
    ".Sh NAME\n"
    ".Nm pangolin.toml\n"
    ".Nd settings of the Pangolin catalog\n"
    ".Sh DESCRIPTION\n"
    "The file is TOML 1.0.\n"
    "Every setting has a default, so the file may be empty or absent.\n"
    "A key that is not listed here is an error.\n"
    ".Pp\n"
    "A setting can also be given by the environment variable that is named\n"
    "with it, and on the command line.\n"
    "The command line wins over the environment, the environment over the\n"
    "file.\n"
    "A variable that is empty counts as not set.\n"
    ".Pp\n"
    "A duration is a number of seconds, or a string with a unit:\n"
    ".Ql us ,\n.Ql ms ,\n.Ql s ,\n.Ql m ,\n.Ql h\nor\n.Ql d .\n"
    "A size is a number of bytes, or a string with a unit:\n"
    ".Ql B ,\n.Ql KiB ,\n.Ql MiB\nor\n.Ql GiB .\n"
    ".Pp\n"
    "Settings marked\n.Em live\n"
    "are read again on\n.Dv SIGHUP ;\n"
    "the others need a restart.\n"
    ".Sh SETTINGS\n";

static const char man_oidc[] =
    "A provider of sign-in (OpenID Connect), one table for each; the name is\n"
    "in the addresses of its sign-in.\n"
    "In variables it is in upper case, with\n.Ql _\nfor\n.Ql - .\n";

static const char man_tail[] =
    ".Ss [store.options] and [cache.options.NAME]\n"
    "The keys are those of the plugin, and so are the defaults.\n"
    "Their variables are\n"
    ".Ev PANGOLIN_STORE_OPTIONS_KEY\nand\n"
    ".Ev PANGOLIN_CACHE_OPTIONS_NAME_KEY .\n"
    ".Sh ENVIRONMENT\n"
    "Two more variables are understood:\n"
    ".Ev PANGOLIN_BIND_ADDRESS\nand\n.Ev PORT\n"
    "replace one half of\n.Ic server.listen .\n"
    ".Ev DATABASE_URL\n"
    "chooses the store plugin by its scheme:\n"
    ".Ql sqlite ,\n.Ql postgres ,\n.Ql postgresql ,\n.Ql mongodb\nor\n"
    ".Ql mongodb+srv .\n"
    "With the second and third,\n"
    ".Ev DATABASE_MAX_CONNECTIONS ,\n.Ev DATABASE_MIN_CONNECTIONS\nand\n"
    ".Ev DATABASE_CONNECT_TIMEOUT\n"
    "are options of that plugin.\n"
    ".Ev PANGOLIN_STORAGE_TYPE\n"
    "names it.\n"
    ".Sh SEE ALSO\n"
    ".Xr pangolin 8\n";

static const char *const type_names[] = {
	[SETTING_STRING] = "string",
	[SETTING_PATH] = "path",
	[SETTING_ADDRESS] = "address:port",
	[SETTING_INT] = "number",
	[SETTING_DURATION] = "duration",
	[SETTING_SIZE] = "size",
	[SETTING_BOOL] = "boolean",
	[SETTING_ENUM] = "choice",
	[SETTING_LIST] = "list",
	[SETTING_URL] = "url",
	[SETTING_NETWORKS] = "networks",
};

static void
print_man_names(FILE *f, const struct setting *row)
{
	char env[SETTING_ENV];

	setting_env(row, env);
	(void)fprintf(f, "Variable:\n.Ev %s", env);
	if (row->alias != NULL)
		(void)fprintf(f, " ;\n%s\n.Ev %s",
		    (row->flags & SETTING_NEGATED) != 0 ? "the opposite is"
							: "also",
		    row->alias);
	(void)fputs(" .\n", f);
	if ((row->flags & SETTING_SECRET) != 0)
		(void)fprintf(f,
		    "The key\n.Ic %s_file\nand the variable\n.Ev %s_FILE\n"
		    "name a file to read it from.\n",
		    row->key, env);
}

static void
print_man_row(FILE *f, struct arena *a, const struct setting *row)
{
	struct str value = default_text(a, row);

	(void)fprintf(
	    f, ".It Ic %s No = Ar %s\n", row->key, type_names[row->type]);
	(void)fprintf(f, "%s\n", help_text(a, row));
	(void)fprintf(f, "Default:\n.Ql " STR_FMT " .\n", STR_ARG(value));
	print_man_names(f, row);
	if ((row->flags & SETTING_LIVE) != 0)
		(void)fputs("Live.\n", f);
}

void
settings_print_man(FILE *f)
{
	struct arena *a = arena_new();

	(void)fputs(man_head, f);
	(void)fputs(".Bl -tag -width Ds\n", f);
	for (const struct setting *row = settings_table; row->key; row++) {
		if (opens_section(row))
			(void)fprintf(f,
			    ".El\n.Ss [" STR_FMT "]\n.Bl -tag -width Ds\n",
			    STR_ARG(setting_section(row)));
		print_man_row(f, a, row);
	}
	(void)fputs(".El\n.Ss [oidc.NAME]\n", f);
	(void)fputs(man_oidc, f);
	(void)fputs(".Bl -tag -width Ds\n", f);
	for (const struct setting *row = oidc_table; row->key; row++)
		print_man_row(f, a, row);
	(void)fputs(".El\n", f);
	(void)fputs(man_tail, f);
	arena_free(a);
}
