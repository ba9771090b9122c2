/*
 * forms.h - every body that the API takes or gives.
 *
 * Each struct stands beside the `form_` of the same thing; a handler decodes
 * into one, calls one service, and encodes another.
 */
#ifndef PANGOLIN_FORMS_H
#define PANGOLIN_FORMS_H

#include "api/forms_access.h"
#include "api/forms_audit.h"
#include "api/forms_catalog.h"
#include "api/forms_credentials.h"
#include "api/forms_functions.h"
#include "api/forms_iceberg.h"
#include "api/forms_identity.h"
#include "api/forms_merges.h"
#include "api/forms_oidc.h"
#include "api/forms_ops.h"
#include "api/forms_scan.h"
#include "api/forms_tasks.h"
#include "api/forms_tokens.h"
#include "api/forms_versions.h"
#include "api/forms_views.h"

#endif
