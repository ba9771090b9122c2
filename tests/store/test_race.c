#include "suite.h"
const struct suite_test race_tests[] = { { NULL, NULL, 0 } };
