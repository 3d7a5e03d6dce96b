// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>
