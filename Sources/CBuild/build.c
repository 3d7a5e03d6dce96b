// SPDX-License-Identifier: GPL-3.0-or-later
#include "build.h"

const char *df_build_commit(void) { return DRIFTFIELD_COMMIT; }

const char *df_build_compiler(void) { return "clang " __clang_version__; }
