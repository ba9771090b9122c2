#include "suite.h"
const struct suite_test history_tests[] = { { NULL, NULL, 0 } };
