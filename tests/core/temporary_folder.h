// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/temporary_folder.h"

using facerec::cli::TemporaryFolder;
