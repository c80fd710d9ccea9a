// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-facerec
 * @title: facerec
 *
 * Face recognition in one element: facedetect, facetrack, facealign and faceembed, then facematch
 * where a gallery is set and faceannotate where annotate is. See these elements for what the
 * properties mean and for the messages that are posted. With model=auto the faces are represented
 * by the model that the gallery's people were enrolled with.
 *
 * With #GstFacerecBin:mode=sync each frame waits until it was analysed. With mode=live no frame
 * waits: the video passes faceattach, while the newest frame is analysed beside it, and what was
 * found joins the frames that pass by then. The default, auto, takes live where upstream says that
 * it is live, as a camera is.
 *
 * With #GstFacerecBin:pipeline-depth frames are searched for faces in one thread and represented
 * and matched in another, so that two cores work at once.
 *
 * ## Example launch line
 * |[
 * facerec enroll --gallery people.db --name Ada ada.jpg
 * gst-launch-1.0 -m filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerec gallery=people.db annotate=true ! videoconvert ! autovideosink
 * ]|
 */

#include "gstfacerecbin.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "frame.h"
#include "gstfacerecalign.h"
#include "gstfacerecannotate.h"
#include "gstfacerecattach.h"
#include "gstfacerecdetect.h"
#include "gstfacerecembed.h"
#include "gstfacerecmatch.h"
#include "gstfacerectrack.h"
#include "queue.h"
#include "statstext.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_bin_debug);
#define GST_CAT_DEFAULT gst_facerec_bin_debug

namespace {

enum Child {
  SPLIT,   // the tee of the live mode
  NEWEST,  // its queue, which holds the newest frame only
  DETECT,
  TRACK,
  QUEUE,  // of pipeline-depth
  ALIGN,
  EMBED,
  MATCH,
  ATTACH,
  ANNOTATE,
  N_CHILDREN
};

enum Mode { AUTO, SYNC, LIVE };

/// A property of the bin that is one of a child.
struct Proxy {
  const char* name;
  Child child;
  const char* child_property;
};

constexpr std::array<Proxy, 30> kProxies{{
    {"engine", DETECT, "engine"},
    {"threads", DETECT, "threads"},
    {"detector", DETECT, "model"},
    {"used-detector", DETECT, "used-model"},
    {"detect-threshold", DETECT, "threshold"},
    {"detect-size", DETECT, "detect-size"},
    {"tiles", DETECT, "tiles"},
    {"min-size", DETECT, "min-size"},
    {"max-faces", DETECT, "max-faces"},
    {"inference-interval", DETECT, "inference-interval"},
    {"start-threshold", TRACK, "start-threshold"},
    {"max-lost", TRACK, "max-lost"},
    {"landmarks", ALIGN, "landmarks"},
    {"used-landmarks", ALIGN, "used-landmarks"},
    {"mask", ALIGN, "mask"},
    {"model", EMBED, "model"},
    {"used-model", EMBED, "used-model"},
    {"refresh-interval", EMBED, "refresh-interval"},
    {"gallery", MATCH, "gallery"},
    {"key-file", MATCH, "key-file"},
    {"metric", MATCH, "metric"},
    {"threshold", MATCH, "threshold"},
    {"false-name-rate", MATCH, "false-name-rate"},
    {"top-k", MATCH, "top-k"},
    {"min-shots", MATCH, "min-shots"},
    {"margin", MATCH, "margin"},
    {"index", MATCH, "index"},
    {"min-recall", MATCH, "min-recall"},
    {"post-messages", MATCH, "post-messages"},
    {"max-age", ATTACH, "max-age"},
}};

/// A child that gets the value of one of kProxies too, under the same name.
struct Follower {
  const char* name;
  Child child;
};

constexpr std::array<Follower, 6> kFollowers{{{"engine", ALIGN},
                                              {"engine", EMBED},
                                              {"threads", ALIGN},
                                              {"threads", EMBED},
                                              {"gallery", EMBED},
                                              {"key-file", EMBED}}};

enum Property {
  PROP_0,
  PROP_STATS,
  PROP_STATS_INTERVAL,
  PROP_SHOW_STATS,
  PROP_MODE,
  PROP_ANNOTATE,
  PROP_PIPELINE_DEPTH,
  PROP_PROXY /* and one for each of kProxies */
};

struct State {
  // under the object lock
  Mode mode = AUTO;
  bool annotate = false;
  guint pipeline_depth = 0;
  guint64 stats_interval = 0;  // nanoseconds
  bool show_stats = false;
  bool live = false;           // the mode that was taken at the last start
  bool decided = false;        // whether that is certain: auto waits for the stream's begin
  bool becoming_live = false;  // the stream's begin waits for that

  std::array<GstElement*, N_CHILDREN> children;  // owned, in the bin or not
  gint64 stats_posted = 0;                       // microseconds; of the streaming thread
  facerec::StatsText stats_text;                 // of the streaming thread
  GstPad* sink;                                  // the ghost pads, owned by the bin
  GstPad* source;
  gulong begin_probe = 0;  // on the sink
};

GType mode_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 4> values{
        {{AUTO, "As live where upstream says that it is live, else as sync", "auto"},
         {SYNC, "Each frame waits until it was analysed", "sync"},
         {LIVE, "No frame waits: what was found joins the frames that pass by then", "live"},
         {0, nullptr, nullptr}}};
    const GType registered = g_enum_register_static("GstFacerecMode", values.data());
    gst_type_mark_as_plugin_api(registered, static_cast<GstPluginAPIFlags>(0));
    return registered;
  }();
  return type;
}

GType child_type(Child child) {
  switch (child) {
    case DETECT:
      return GST_TYPE_FACEREC_DETECT;
    case TRACK:
      return GST_TYPE_FACEREC_TRACK;
    case ALIGN:
      return GST_TYPE_FACEREC_ALIGN;
    case EMBED:
      return GST_TYPE_FACEREC_EMBED;
    case MATCH:
      return GST_TYPE_FACEREC_MATCH;
    case ANNOTATE:
      return GST_TYPE_FACEREC_ANNOTATE;
    case ATTACH:
      return GST_TYPE_FACEREC_ATTACH;
    case SPLIT:
    case NEWEST:
    case QUEUE:
    case N_CHILDREN:
      break;
  }
  return G_TYPE_INVALID;
}

const Proxy* proxy_of(guint id) {
  return id >= PROP_PROXY && id - PROP_PROXY < kProxies.size() ? &kProxies.at(id - PROP_PROXY)
                                                               : nullptr;
}

/// The same property under another name.
GParamSpec* rename_property(const char* name, GParamSpec* spec) {
  const char* nick = g_param_spec_get_nick(spec);
  const char* blurb = g_param_spec_get_blurb(spec);
  const GParamFlags flags = spec->flags;
  if (G_IS_PARAM_SPEC_STRING(spec)) {
    return g_param_spec_string(name, nick, blurb, G_PARAM_SPEC_STRING(spec)->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    return g_param_spec_enum(name, nick, blurb, spec->value_type,
                             G_PARAM_SPEC_ENUM(spec)->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_BOOLEAN(spec)) {
    return g_param_spec_boolean(name, nick, blurb, G_PARAM_SPEC_BOOLEAN(spec)->default_value,
                                flags);
  }
  if (G_IS_PARAM_SPEC_INT(spec)) {
    const GParamSpecInt* number = G_PARAM_SPEC_INT(spec);
    return g_param_spec_int(name, nick, blurb, number->minimum, number->maximum,
                            number->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_UINT(spec)) {
    const GParamSpecUInt* number = G_PARAM_SPEC_UINT(spec);
    return g_param_spec_uint(name, nick, blurb, number->minimum, number->maximum,
                             number->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_UINT64(spec)) {
    const GParamSpecUInt64* number = G_PARAM_SPEC_UINT64(spec);
    return g_param_spec_uint64(name, nick, blurb, number->minimum, number->maximum,
                               number->default_value, flags);
  }
  if (G_IS_PARAM_SPEC_FLOAT(spec)) {
    const GParamSpecFloat* number = G_PARAM_SPEC_FLOAT(spec);
    return g_param_spec_float(name, nick, blurb, number->minimum, number->maximum,
                              number->default_value, flags);
  }
  const GParamSpecDouble* number = G_PARAM_SPEC_DOUBLE(spec);
  return g_param_spec_double(name, nick, blurb, number->minimum, number->maximum,
                             number->default_value, flags);
}

}  // namespace

struct _GstFacerecBin {
  GstBin parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecBin, gst_facerec_bin, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_bin_debug, "facerec", 0,
                                                "face recognition in one bin"))
GST_ELEMENT_REGISTER_DEFINE(facerec, "facerec", GST_RANK_NONE, GST_TYPE_FACEREC_BIN)

static bool is_wanted(GstFacerecBin* self, int child) {
  if (child == MATCH) {
    gchar* gallery = nullptr;
    g_object_get(self->state->children[MATCH], "gallery", &gallery, nullptr);
    const bool wanted = gallery != nullptr && *gallery != '\0';
    g_free(gallery);
    return wanted;
  }
  if (child == ANNOTATE) {
    const facerec::ObjectLock lock(self);
    return self->state->annotate;
  }
  if (child == QUEUE) {
    const facerec::ObjectLock lock(self);
    return self->state->pipeline_depth > 0;
  }
  if (child == SPLIT || child == NEWEST || child == ATTACH) {
    const facerec::ObjectLock lock(self);
    return self->state->live;
  }
  return true;
}

/// Takes the links between children away, and the pads off the tee that it was asked for.
static void unlink_children(GstFacerecBin* self) {
  State& state = *self->state;
  gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), nullptr);
  gst_ghost_pad_set_target(GST_GHOST_PAD(state.source), nullptr);
  for (GstElement* child : state.children) {
    for (const GList* pad = child->srcpads; pad != nullptr; pad = pad->next) {
      GstPad* peer = gst_pad_get_peer(GST_PAD(pad->data));
      if (peer == nullptr) continue;
      gst_pad_unlink(GST_PAD(pad->data), peer);
      gst_object_unref(peer);
    }
  }
  GstElement* split = state.children[SPLIT];
  while (split->srcpads != nullptr) {
    GstPad* pad = GST_PAD(gst_object_ref(split->srcpads->data));
    gst_element_release_request_pad(split, pad);
    gst_object_unref(pad);
  }
}

/// Those that stay keep their state, and with it what they have loaded.
static void take_in_or_out(GstFacerecBin* self, GstElement* child, bool wanted) {
  if (wanted == (GST_OBJECT_PARENT(child) != nullptr)) return;
  if (wanted) {
    gst_bin_add(GST_BIN(self), child);
    GST_DEBUG_OBJECT(self, "has %" GST_PTR_FORMAT, child);
  } else {
    gst_bin_remove(GST_BIN(self), child);
    gst_element_set_state(child, GST_STATE_NULL);
  }
}

static void link_in_line(const std::vector<GstElement*>& elements) {
  for (std::size_t i = 1; i < elements.size(); ++i) gst_element_link(elements[i - 1], elements[i]);
}

static void set_target(GstPad* ghost, GstElement* element, const char* name) {
  GstPad* pad = gst_element_get_static_pad(element, name);
  gst_ghost_pad_set_target(GST_GHOST_PAD(ghost), pad);
  gst_object_unref(pad);
}

/// Puts the children that the settings want into the bin and links them. For a bin that no data
/// passes.
static void rebuild(GstFacerecBin* self) {
  State& state = *self->state;
  std::vector<GstElement*> analysis;
  std::vector<GstElement*> rest;
  bool as_before = true;
  for (int i = 0; i < N_CHILDREN; ++i) {
    GstElement* child = state.children.at(i);
    const bool wanted = is_wanted(self, i);
    as_before = as_before && wanted == (GST_OBJECT_PARENT(child) != nullptr);
    if (wanted) (i < ATTACH ? analysis : rest).push_back(child);
  }
  if (as_before) return;

  unlink_children(self);
  for (int i = 0; i < N_CHILDREN; ++i)
    take_in_or_out(self, state.children.at(i), is_wanted(self, i));
  link_in_line(analysis);
  link_in_line(rest);
  if (is_wanted(self, ATTACH)) {
    gst_element_link_pads(analysis.front(), nullptr, rest.front(), "sink");
    gst_element_link_pads(analysis.back(), "src", rest.front(), "results");
  } else if (!rest.empty()) {
    gst_element_link(analysis.back(), rest.front());
  }
  set_target(state.sink, analysis.front(), "sink");
  set_target(state.source, rest.empty() ? analysis.back() : rest.back(), "src");
}

/// Empty where upstream does not know yet.
static std::optional<bool> is_live(GstPad* sink) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  const bool known = gst_pad_peer_query(sink, query) != FALSE;
  if (known) gst_query_parse_latency(query, &live, nullptr, nullptr);
  gst_query_unref(query);
  return known ? std::optional(live != FALSE) : std::nullopt;
}

static GstPadProbeReturn decide(GstPad* pad, GstPadProbeInfo* info, gpointer bin);

/// Holds what comes in back where decide() says so.
static void watch_begin(GstFacerecBin* self) {
  State& state = *self->state;
  constexpr auto kinds =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  state.begin_probe = gst_pad_add_probe(state.sink, kinds, decide, self, nullptr);
}

/// Not in the streaming thread: a state change of the bin, which must see the children before or
/// after this, waits for that one.
static void become_live(GstElement* element, gpointer /*data*/) {
  GST_STATE_LOCK(element);
  GstFacerecBin* self = GST_FACEREC_BIN(element);
  State& state = *self->state;
  bool wanted = false;
  {
    const facerec::ObjectLock lock(self);
    std::swap(wanted, state.becoming_live);
    if (wanted) state.live = true;
  }
  if (wanted) {
    rebuild(self);
    gst_bin_sync_children_states(GST_BIN(element));
    gst_pad_remove_probe(state.sink, state.begin_probe);
    watch_begin(self);
  }
  GST_STATE_UNLOCK(element);
}

/// With mode=auto, looks at a stream's begin, before a frame of it has come in, whether it is live,
/// and holds it back until the bin is ready for that. Cameras and test sources know of a latency
/// only once they have a format: the segment comes later.
static GstPadProbeReturn decide(GstPad* pad, GstPadProbeInfo* info, gpointer bin) {
  const GstEventType type = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info));
  if (type != GST_EVENT_STREAM_START && type != GST_EVENT_SEGMENT) return GST_PAD_PROBE_PASS;
  GstFacerecBin* self = GST_FACEREC_BIN(bin);
  State& state = *self->state;
  {
    const facerec::ObjectLock lock(self);
    if (state.decided) return GST_PAD_PROBE_PASS;
  }
  const std::optional<bool> live = is_live(pad);
  if (!live && type == GST_EVENT_STREAM_START) return GST_PAD_PROBE_PASS;
  const bool becoming_live = live.value_or(false);
  GST_INFO_OBJECT(self, "upstream is %s", becoming_live ? "live" : "not live");
  {
    const facerec::ObjectLock lock(self);
    state.decided = true;
    state.becoming_live = becoming_live;
  }
  if (!becoming_live) return GST_PAD_PROBE_PASS;
  gst_element_call_async(GST_ELEMENT(self), become_live, nullptr, nullptr);
  return GST_PAD_PROBE_OK;
}

static GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_NULL_TO_READY ||
      transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    GstFacerecBin* self = GST_FACEREC_BIN(element);
    {
      const facerec::ObjectLock lock(self);
      self->state->live = self->state->mode == LIVE;
      self->state->decided = self->state->mode != AUTO;
      self->state->becoming_live = false;
    }
    self->state->stats_text.clear();
    rebuild(self);
  }
  return GST_ELEMENT_CLASS(gst_facerec_bin_parent_class)->change_state(element, transition);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  State& state = *GST_FACEREC_BIN(object)->state;
  if (id == PROP_ANNOTATE) {
    const facerec::ObjectLock lock(object);
    state.annotate = g_value_get_boolean(value) != FALSE;
  } else if (id == PROP_STATS_INTERVAL) {
    const facerec::ObjectLock lock(object);
    state.stats_interval = g_value_get_uint64(value);
  } else if (id == PROP_SHOW_STATS) {
    const bool show = g_value_get_boolean(value) != FALSE;
    {
      const facerec::ObjectLock lock(object);
      state.show_stats = show;
    }
    if (!show) g_object_set(state.children.at(ANNOTATE), "caption", "", nullptr);
  } else if (id == PROP_MODE) {
    const facerec::ObjectLock lock(object);
    state.mode = static_cast<Mode>(g_value_get_enum(value));
  } else if (id == PROP_PIPELINE_DEPTH) {
    const guint depth = g_value_get_uint(value);
    {
      const facerec::ObjectLock lock(object);
      state.pipeline_depth = depth;
    }
    // Without the queue in the bin 0 counts for nothing; with it, it would have no limit.
    if (depth > 0) g_object_set(state.children.at(QUEUE), "max-size-buffers", depth, nullptr);
  } else if (const Proxy* proxy = proxy_of(id)) {
    g_object_set_property(G_OBJECT(state.children.at(proxy->child)), proxy->child_property, value);
    for (const Follower& follower : kFollowers) {
      if (g_str_equal(follower.name, proxy->name) != FALSE)
        g_object_set_property(G_OBJECT(state.children.at(follower.child)), follower.name, value);
    }
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

/// The statistics of each child that is in use, under its name.
static GstStructure* stats_of_children(const State& state) {
  GstStructure* all = gst_structure_new_empty("facerec-stats");
  for (GstElement* child : state.children) {
    if (GST_OBJECT_PARENT(child) == nullptr ||
        g_object_class_find_property(G_OBJECT_GET_CLASS(child), "stats") == nullptr) {
      continue;
    }
    GstStructure* stats = nullptr;
    g_object_get(child, "stats", &stats, nullptr);
    gst_structure_set(all, GST_OBJECT_NAME(child), GST_TYPE_STRUCTURE, stats, nullptr);
    gst_structure_free(stats);
  }
  return all;
}

/// With each frame that leaves after the interval, the statistics as a message.
static GstPadProbeReturn post_stats(GstPad* /*pad*/, GstPadProbeInfo* /*info*/, gpointer bin) {
  State& state = *GST_FACEREC_BIN(bin)->state;
  const guint64 interval = [&] {
    const facerec::ObjectLock lock(bin);
    return state.stats_interval;
  }();
  const gint64 now = g_get_monotonic_time();
  if (interval == 0 || static_cast<guint64>(now - state.stats_posted) < interval / GST_USECOND)
    return GST_PAD_PROBE_OK;
  state.stats_posted = now;
  gst_element_post_message(GST_ELEMENT(bin),
                           gst_message_new_element(GST_OBJECT(bin), stats_of_children(state)));
  return GST_PAD_PROBE_OK;
}

/// With a frame that is to be drawn on, once a second, the statistics as its caption.
static GstPadProbeReturn show_stats(GstPad* /*pad*/, GstPadProbeInfo* /*info*/, gpointer bin) {
  State& state = *GST_FACEREC_BIN(bin)->state;
  const bool show = [&] {
    const facerec::ObjectLock lock(bin);
    return state.show_stats;
  }();
  const gint64 now = g_get_monotonic_time();
  if (!show || !state.stats_text.is_due(now)) return GST_PAD_PROBE_OK;
  GstStructure* stats = stats_of_children(state);
  const std::string text = state.stats_text.tell(stats, now);
  gst_structure_free(stats);
  g_object_set(state.children.at(ANNOTATE), "caption", text.c_str(), nullptr);
  return GST_PAD_PROBE_OK;
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const State& state = *GST_FACEREC_BIN(object)->state;
  if (id == PROP_STATS) {
    g_value_take_boxed(value, stats_of_children(state));
  } else if (id == PROP_ANNOTATE) {
    const facerec::ObjectLock lock(object);
    g_value_set_boolean(value, static_cast<gboolean>(state.annotate));
  } else if (id == PROP_STATS_INTERVAL) {
    const facerec::ObjectLock lock(object);
    g_value_set_uint64(value, state.stats_interval);
  } else if (id == PROP_SHOW_STATS) {
    const facerec::ObjectLock lock(object);
    g_value_set_boolean(value, static_cast<gboolean>(state.show_stats));
  } else if (id == PROP_MODE) {
    const facerec::ObjectLock lock(object);
    g_value_set_enum(value, state.mode);
  } else if (id == PROP_PIPELINE_DEPTH) {
    const facerec::ObjectLock lock(object);
    g_value_set_uint(value, state.pipeline_depth);
  } else if (const Proxy* proxy = proxy_of(id)) {
    g_object_get_property(G_OBJECT(state.children.at(proxy->child)), proxy->child_property, value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

/// What a child notifies of, the bin does under its own name for it.
static void notify_as_child(GObject* child, GParamSpec* spec, gpointer bin) {
  const State& state = *GST_FACEREC_BIN(bin)->state;
  for (const Proxy& proxy : kProxies) {
    if (G_OBJECT(state.children.at(proxy.child)) == child &&
        g_str_equal(proxy.child_property, g_param_spec_get_name(spec))) {
      g_object_notify(G_OBJECT(bin), proxy.name);
    }
  }
}

static void dispose(GObject* object) {
  for (GstElement*& child : GST_FACEREC_BIN(object)->state->children) {
    if (child != nullptr) g_signal_handlers_disconnect_by_data(child, object);
    g_clear_pointer(&child, gst_object_unref);
  }
  G_OBJECT_CLASS(gst_facerec_bin_parent_class)->dispose(object);
}

static void finalize(GObject* object) {
  delete GST_FACEREC_BIN(object)->state;
  G_OBJECT_CLASS(gst_facerec_bin_parent_class)->finalize(object);
}

static GstPad* add_ghost_pad(GstElement* element, const char* name) {
  GstPadTemplate* pad_template =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name);
  GstPad* pad = gst_ghost_pad_new_no_target_from_template(name, pad_template);
  gst_element_add_pad(element, pad);
  return pad;
}

static GstElement* make_child(Child child, const char* name) {
  if (child == SPLIT) return gst_element_factory_make("tee", name);
  if (child == QUEUE || child == NEWEST) return facerec::make_queue(name, child == NEWEST);
  return GST_ELEMENT(g_object_new(child_type(child), "name", name, nullptr));
}

static void gst_facerec_bin_init(GstFacerecBin* self) {
  static constexpr std::array<const char*, N_CHILDREN> names{"split",  "newest",  "detect", "track",
                                                             "queue",  "align",   "embed",  "match",
                                                             "attach", "annotate"};
  self->state = new State;
  for (int i = 0; i < N_CHILDREN; ++i) {
    GstElement* child = make_child(static_cast<Child>(i), names.at(i));
    self->state->children.at(i) = GST_ELEMENT(gst_object_ref_sink(child));
    g_signal_connect(child, "notify", G_CALLBACK(notify_as_child), self);
  }
  self->state->sink = add_ghost_pad(GST_ELEMENT(self), "sink");
  self->state->source = add_ghost_pad(GST_ELEMENT(self), "src");
  watch_begin(self);
  gst_pad_add_probe(self->state->source, GST_PAD_PROBE_TYPE_BUFFER, post_stats, self, nullptr);
  GstPad* drawn = gst_element_get_static_pad(self->state->children.at(ANNOTATE), "sink");
  gst_pad_add_probe(drawn, GST_PAD_PROBE_TYPE_BUFFER, show_stats, self, nullptr);
  gst_object_unref(drawn);
  rebuild(self);
}

static void gst_facerec_bin_class_init(GstFacerecBinClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  element_class->change_state = change_state;

  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "The statistics of each child that is in use, under its name",
                         GST_TYPE_STRUCTURE, facerec::kReadOnly));
  g_object_class_install_property(
      object_class, PROP_STATS_INTERVAL,
      g_param_spec_uint64("stats-interval", "Interval of statistics",
                          "Nanoseconds after which the statistics are posted as a message "
                          "\"facerec-stats\", with a frame (0 = never)",
                          0, G_MAXUINT64, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_SHOW_STATS,
      g_param_spec_boolean("show-stats", "Show statistics",
                           "Whether annotate draws frames a second, the age of the results and "
                           "milliseconds a frame of each element, anew each second",
                           FALSE, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MODE,
      g_param_spec_enum("mode", "Mode", "Whether frames wait until they were analysed", mode_type(),
                        AUTO, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_ANNOTATE,
      g_param_spec_boolean("annotate", "Annotate", "Whether boxes and names are drawn", FALSE,
                           facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_PIPELINE_DEPTH,
      g_param_spec_uint("pipeline-depth", "Pipeline depth",
                        "Frames that may wait between the search for faces and their "
                        "representation, which then run in two threads: more frames a second on "
                        "two cores, each up to so many frames later (0 = one thread)",
                        0, 100, 0, facerec::kReady));
  for (guint i = 0; i < kProxies.size(); ++i) {
    const Proxy& proxy = kProxies.at(i);
    gpointer child_class = g_type_class_ref(child_type(proxy.child));
    GParamSpec* spec =
        g_object_class_find_property(G_OBJECT_CLASS(child_class), proxy.child_property);
    g_object_class_install_property(object_class, PROP_PROXY + i,
                                    rename_property(proxy.name, spec));
    g_type_class_unref(child_class);
  }

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  gst_element_class_set_static_metadata(
      element_class, "Face recognition", "Filter/Analyzer/Video",
      "Detects, tracks, aligns, represents and matches faces in one element",
      "gst-facerec authors");
}
