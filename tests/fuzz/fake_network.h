// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include "model/profile.h"

/// The fuzz targets link this in the place of src/engine/backend.cpp: networks that return the
/// shapes of the real ones (the table in fake_network.cpp) with numbers of the fuzzer's choice.

/// Where the numbers come from; null for zeros in the right shapes, which lets a stage load.
void set_network_source(FuzzedDataProvider* source);

/// Makes the stage that the profile describes and runs it on a frame, with everything behind it up
/// to the aligned picture. Errors are allowed, what leaves a promise of src/ unkept aborts.
void exercise(const facerec::Profile& profile, FuzzedDataProvider& source);
