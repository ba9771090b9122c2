#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "base/log.h"
#include "cli/verbs.h"

_Static_assert(
    FLAG_COUNT <= OVERRIDES_MAX, "there is room for what flags give");

const struct verb *
verb_find(const char *name)
{
	const struct verb *v = verb_table;

	while (v->name != NULL && strcmp(v->name, name) != 0)
		v++;
	return v->name != NULL ? v : NULL;
}

void
verb_complain(const char *name)
{
	struct did_you_mean n = did_you_mean(str_from(name));

	for (const struct verb *v = verb_table; v->name != NULL; v++)
		did_you_mean_offer(&n, v->name);
	if (n.best != NULL)
		(void)fprintf(stderr,
		    "pangolin: there is no verb %s; did you mean %s?\n", name,
		    n.best);
	else
		(void)fprintf(stderr,
		    "pangolin: there is no verb %s; pangolin help has them\n",
		    name);
}

/* A flag that the verb takes; FLAG_COUNT: it takes none of that name. */
static unsigned
find_flag(const struct verb *v, const char *name)
{
	unsigned i = 0;

	while (i < FLAG_COUNT && ((v->flags & 1u << i) == 0 ||
				     strcmp(flag_table[i].name, name) != 0))
		i++;
	return i;
}

/* `word` is among `choices`, which have spaces between them. */
static bool
is_choice(const char *choices, const char *word)
{
	struct str rest = str_from(choices);

	while (rest.ptr != NULL)
		if (str_eq(str_cut(&rest, ' '), str_from(word)))
			return true;
	return false;
}

static bool
complain(const char *what, const char *about)
{
	(void)fprintf(stderr, "pangolin: %s%s\n", what, about);
	return false;
}

/* Without the hyphens, which all flags share. */
static const char *
bare(const char *flag)
{
	return flag + strspn(flag, "-");
}

static bool
complain_flag(const struct verb *v, const char *word)
{
	struct did_you_mean n = did_you_mean(str_from(bare(word)));
	const char *best = NULL;

	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		if ((v->flags & 1u << i) != 0)
			did_you_mean_offer(&n, bare(flag_table[i].name));
		if (n.best == bare(flag_table[i].name))
			best = flag_table[i].name;
	}
	if (best == NULL)
		return complain("unknown option ", word);
	(void)fprintf(stderr, "pangolin: unknown option %s; did you mean %s?\n",
	    word, best);
	return false;
}

static bool
take_operand(struct command *c, const char *word)
{
	const struct operand *o = &c->verb->operand;

	if (o->name == NULL || c->operand != NULL)
		return complain("too much on the command line: ", word);
	if (o->choices != NULL && !is_choice(o->choices, word)) {
		(void)fprintf(stderr, "pangolin: %s is one of: %s\n", o->name,
		    o->choices);
		return false;
	}
	c->operand = word;
	return true;
}

/* False, with a line on standard error, when it makes no sense. */
static bool
parse(int argc, char **argv, struct command *c)
{
	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];
		unsigned flag = find_flag(c->verb, word);

		if (flag == FLAG_COUNT && word[0] == '-' && word[1] != '\0')
			return complain_flag(c->verb, word);
		if (flag == FLAG_COUNT) {
			if (!take_operand(c, word))
				return false;
		} else if (flag_table[flag].value == NULL) {
			c->value[flag] = "";
		} else if (++i < argc) {
			c->value[flag] = argv[i];
		} else {
			(void)fprintf(
			    stderr, "pangolin: %s needs a value\n", word);
			return false;
		}
	}
	if (c->verb->operand.name == NULL || c->verb->operand.optional ||
	    c->operand != NULL)
		return true;
	return complain("missing: ", c->verb->operand.name);
}

/* Copied: kore writes its title over the arguments. */
static void
remember_source(const struct command *c)
{
	struct serving *s = c->serving;
	struct source *to = &s->source;
	const char *file = c->value[FLAG_CONFIG];

	if (file != NULL)
		to->file = arena_cstr(s->arena, str_from(file));
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (flag_table[i].setting != NULL && c->value[i] != NULL)
			to->overrides[to->override_count++] = (struct override){
				str_from(flag_table[i].setting),
				arena_copy(s->arena, str_from(c->value[i]))
			};
}

static bool
load(const struct command *c)
{
	struct serving *s = c->serving;
	struct error e = { 0 };

	remember_source(c);
	if (settings_load(s->arena, s->source.file, s->source.overrides,
		s->source.override_count, &s->settings, &e) != OK)
		return complain("", e.message);
	log_set_format(s->settings.log_format);
	return true;
}

static bool
asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `pangolin VERB --help`, with anything before and behind it. */
static bool
wants_help(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (asks_for_help(argv[i]))
			return true;
	return false;
}

/* The flags that people try first are verbs, too. */
static const char *
verb_name(const char *word)
{
	if (asks_for_help(word))
		return "help";
	return strcmp(word, "--version") == 0 ? "version" : word;
}

int
command_run(int argc, char **argv, struct serving *s)
{
	const char *name = argc > 1 ? verb_name(argv[1]) : NULL;
	struct command c = { .verb = name != NULL ? verb_find(name) : NULL,
		.serving = s };

	if (name == NULL) {
		verbs_print_usage(stderr);
		return EXIT_BAD_SETTINGS;
	}
	if (c.verb == NULL) {
		verb_complain(name);
		return EXIT_BAD_SETTINGS;
	}
	if (wants_help(argc, argv)) {
		verbs_print_help(stdout, c.verb);
		return 0;
	}
	if (!parse(argc, argv, &c))
		return EXIT_BAD_SETTINGS;
	if ((c.verb->flags & 1u << FLAG_CONFIG) != 0 && !load(&c))
		return EXIT_BAD_SETTINGS;
	return c.verb->run(&c);
}
