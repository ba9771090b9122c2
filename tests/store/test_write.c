#include "suite.h"
const struct suite_test write_tests[] = { { NULL, NULL, 0 } };
