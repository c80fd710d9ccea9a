// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include "model/network_settings.h"

namespace facerec {

/// Installs the properties on a class, with ids from `first_id` on, which must be the class's last
/// ones; `default_method` is null where the role has one method only.
void install_network_properties(GObjectClass* klass, guint first_id, const char* default_method);

/// Both return false where the id is none of these. Call with the object lock held.
bool set_network_property(NetworkSettings& settings, guint first_id, guint id, const GValue* value);
bool get_network_property(const NetworkSettings& settings, guint first_id, guint id, GValue* value);

}  // namespace facerec
