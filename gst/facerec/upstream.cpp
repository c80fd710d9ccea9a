// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream.h"

#include <memory>

namespace facerec {

namespace {

using Look = std::function<Search(GstElement*)>;

constexpr int kFarthest = 200;  ///< pads that are followed upstream

template <typename T>
using Owned = std::unique_ptr<T, decltype(&gst_object_unref)>;

bool search_behind(GstPad* sink, const Look& look, int left);

/// Goes on with the pads that feed a source pad: through elements, and through the ghost pads of
/// bins in both directions.
bool search_feeding(GstPad* source, const Look& look, int left) {
  bool found = false;
  GstIterator* iterator = gst_pad_iterate_internal_links(source);
  GValue item = G_VALUE_INIT;
  while (iterator != nullptr && !found && gst_iterator_next(iterator, &item) == GST_ITERATOR_OK) {
    found = search_behind(GST_PAD(g_value_get_object(&item)), look, left);
    g_value_reset(&item);
  }
  if (G_IS_VALUE(&item)) g_value_unset(&item);
  g_clear_pointer(&iterator, gst_iterator_free);
  return found;
}

bool search_behind(GstPad* sink, const Look& look, int left) {
  const Owned<GstPad> peer(gst_pad_get_peer(sink), gst_object_unref);
  if (!peer || left == 0) return false;
  const Owned<GstElement> element(gst_pad_get_parent_element(peer.get()), gst_object_unref);
  const Search search = element ? look(element.get()) : Search::GoesOn;
  return search == Search::GoesOn ? search_feeding(peer.get(), look, left - 1)
                                  : search == Search::Found;
}

}  // namespace

bool search_upstream(GstElement* element, const Look& look) {
  const Owned<GstPad> sink(gst_element_get_static_pad(element, "sink"), gst_object_unref);
  return search_behind(sink.get(), look, kFarthest);
}

}  // namespace facerec
