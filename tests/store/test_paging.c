#include "suite.h"
const struct suite_test paging_tests[] = { { NULL, NULL, 0 } };
