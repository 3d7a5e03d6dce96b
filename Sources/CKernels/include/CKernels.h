// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "phi4.h"
#include "random.h"
#include "dispatch.h"
#include "measure.h"
#include "metropolis.h"
#include "spectral.h"
#include "activations.h"
