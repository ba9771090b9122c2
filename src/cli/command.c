#include "cli/command.h"

#include <stdio.h>
#include <string.h>

/* What a command line may give beside the configuration file. */
struct command_line {
	const char *verb;
	const char *file;
	struct override overrides[8];
	size_t override_count;
};

/* Options that stand for a setting. */
static const struct {
	const char *option, *key;
} settings_options[] = {
	{ "--state-dir", "server.state_dir" },
	{ "--listen", "server.listen" },
};

static int
usage(FILE *out)
{
	(void)fputs(
	    "usage: pangolin VERB [options]\n"
	    "\n"
	    "  serve          run the catalog in the foreground\n"
	    "  check-config   read the configuration and print what is in "
	    "force\n"
	    "  sample-config  print a configuration file with every key\n"
	    "  manual         print pangolin.toml(5) in mdoc\n"
	    "  version        print the version\n"
	    "  help           print this\n"
	    "\n"
	    "options of serve and check-config:\n"
	    "  -c FILE             configuration (TOML); none: defaults\n"
	    "  --state-dir DIR     where everything is kept\n"
	    "  --listen HOST:PORT  where to listen\n",
	    out);
	return out == stdout ? 0 : EXIT_BAD_SETTINGS;
}

static const char *
key_of_option(const char *option)
{
	size_t n = sizeof(settings_options) / sizeof(settings_options[0]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(settings_options[i].option, option) == 0)
			return settings_options[i].key;
	return NULL;
}

/* False, with a line on standard error, when it makes no sense. */
static bool
parse(int argc, char **argv, struct command_line *ret)
{
	for (int i = 2; i < argc; i += 2) {
		const char *key = key_of_option(argv[i]);
		bool is_file = strcmp(argv[i], "-c") == 0;

		if (key == NULL && !is_file) {
			(void)fprintf(
			    stderr, "pangolin: unknown option %s\n", argv[i]);
			return false;
		}
		if (i + 1 == argc) {
			(void)fprintf(
			    stderr, "pangolin: %s needs a value\n", argv[i]);
			return false;
		}
		if (is_file)
			ret->file = argv[i + 1];
		else if (ret->override_count < 8)
			ret->overrides[ret->override_count++] =
			    (struct override){ str_from(key),
				    str_from(argv[i + 1]) };
	}
	return true;
}

static int
load(const struct command_line *line, struct serving *s)
{
	struct error e = { 0 };

	if (settings_load(s->arena, line->file, line->overrides,
		line->override_count, &s->settings, &e) == OK)
		return 0;
	(void)fprintf(stderr, "pangolin: %s\n", e.message);
	return EXIT_BAD_SETTINGS;
}

int
command_run(int argc, char **argv, struct serving *s)
{
	struct command_line line = { .verb = argc > 1 ? argv[1] : "" };
	bool serves = strcmp(line.verb, "serve") == 0;

	if (serves || strcmp(line.verb, "check-config") == 0) {
		if (!parse(argc, argv, &line) || load(&line, s) != 0)
			return EXIT_BAD_SETTINGS;
		if (serves)
			return COMMAND_SERVE;
		settings_print(stdout, &s->settings);
		return 0;
	}
	if (strcmp(line.verb, "sample-config") == 0)
		settings_print_sample(stdout);
	else if (strcmp(line.verb, "manual") == 0)
		settings_print_man(stdout);
	else if (strcmp(line.verb, "version") == 0)
		(void)puts("pangolin " PANGOLIN_VERSION);
	else
		return usage(strcmp(line.verb, "help") == 0 ? stdout : stderr);
	return 0;
}
