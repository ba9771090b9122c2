#include "suite.h"
const struct suite_test migrate_tests[] = { { NULL, NULL, 0 } };
