#include "suite.h"
const struct suite_test process_tests[] = { { NULL, NULL, 0 } };
