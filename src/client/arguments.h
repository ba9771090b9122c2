/*
 * arguments.h - the arguments of a command, made from its route: the "{x}" of
 * the path, the query's, and the members of the body by its form.
 *
 * A member is a flag with hyphens, "--warehouse-name"; members of an object in
 * the body are "--scope-type".  Operands are what the path wants, and the name
 * of what is made.
 */
#ifndef PANGOLIN_ARGUMENTS_H
#define PANGOLIN_ARGUMENTS_H

#include "api/form.h"
#include "http/route.h"

enum argument_place { ARGUMENT_PATH, ARGUMENT_QUERY, ARGUMENT_BODY };

struct argument {
	struct str flag; /* "--catalog"; of the path "{id}", which is none */
	struct str name; /* of the member, the argument, or inside "{}" */
	enum argument_place place;
	enum form_type type;
	bool operand;  /* the next word without a flag is its value */
	bool required; /* without it there is no request */
	const char *const *choices;      /* NULL ends; or NULL: anything */
	const struct form_field *inside; /* the object that has it, or NULL */
	const char *help;
};

struct arguments {
	struct argument *at;
	size_t count;
};

struct arguments arguments_of(struct arena *, const struct route *);

/* "ID", "USERNAME": what the help calls an operand. */
struct str argument_title(struct arena *, const struct argument *);

#endif
