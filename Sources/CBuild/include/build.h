// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The commit this binary was built from, or "unknown".
const char *df_build_commit(void);
/// The compiler of the kernels.
const char *df_build_compiler(void);
