/*
 * oidc_variables.h - providers of sign-in by the variables of earlier
 * deployments, such as PANGOLIN_GOOGLE_CLIENT_ID, which say [oidc.google].
 */
#ifndef PANGOLIN_OIDC_VARIABLES_H
#define PANGOLIN_OIDC_VARIABLES_H

#include "config/settings_source.h"

/* Whether a variable is one of them. */
bool oidc_variable_is_known(struct str name);

/* Reads them, before the variables PANGOLIN_OIDC_NAME_KEY, which win. */
MUST_CHECK enum err oidc_variables_read(struct load *);

/* Gives the providers that they have made what they do not say, unless another
 * source has. */
MUST_CHECK enum err oidc_variables_complete(struct load *);

#endif
