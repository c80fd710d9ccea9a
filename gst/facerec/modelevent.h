// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <vector>

#include "embed/embedder.h"
#include "match/gallery.h"

namespace facerec {

/// The sticky event by which faceembed says, before the first frame, which embeddings come.
GstEvent* new_model_event(const Embedder& embedder);

/// The models that such an event names, of whole faces and of masked ones; empty for another event.
std::vector<ModelId> models_of_event(GstEvent* event);

}  // namespace facerec
