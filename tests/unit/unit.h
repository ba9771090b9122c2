/* unit.h - cmocka and what every unit test uses. */
#ifndef PANGOLIN_UNIT_H
#define PANGOLIN_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Both texts are shown when they differ. */
#define assert_str(got, want)                                                  \
	do {                                                                   \
		struct str got_ = (got), want_ = (want);                       \
		if (!str_eq(got_, want_))                                      \
			fail_msg("got \"" STR_FMT "\", want \"" STR_FMT "\"",  \
			    STR_ARG(got_), STR_ARG(want_));                    \
	} while (0)

#endif
