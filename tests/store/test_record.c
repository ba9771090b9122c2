#include "suite.h"
const struct suite_test record_tests[] = { { NULL, NULL, 0 } };
