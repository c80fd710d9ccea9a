// SPDX-License-Identifier: LGPL-2.1-or-later

// The bin facerec, with the networks of this project and Debian's cascade.

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Buffer;

namespace {

std::set<std::string> children_of(GstElement* bin) {
  std::set<std::string> types;
  GstIterator* iterator = gst_bin_iterate_elements(GST_BIN(bin));
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(iterator, &item) == GST_ITERATOR_OK) {
    types.insert(G_OBJECT_TYPE_NAME(g_value_get_object(&item)));
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(iterator);
  return types;
}

const std::string kModels = "mode=sync detector=haar-checked landmarks=none model=facerec-embed ";

/// What haar-checked takes, and a photograph of one man.
std::vector<test::fs::path> files() {
  return {test::portrait_file(),
          "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"};
}

/// Enrols the face that the bin represents in the photograph.
void enroll_portrait(const std::string& gallery, const GstVideoInfo& info) {
  test::Bench bench("facerec " + kModels, info);
  const test::Buffer out = bench.pass(test::photo_frame(test::portrait_file(), info));
  const GstFaceEmbedding* embedding = gst_face_meta_get_embedding(test::faces_of(out.get()).at(0));
  gsize dimension = 0;
  const gfloat* values = gst_face_embedding_get_values(embedding, &dimension);
  facerec::Template entry;
  entry.embedding = {gst_face_embedding_get_model(embedding),
                     gst_face_embedding_get_fingerprint(embedding),
                     {values, values + dimension},
                     gst_face_embedding_is_unit_length(embedding) != FALSE};
  facerec::Gallery(gallery, facerec::Gallery::Mode::Create).enroll("Ada", entry);
}

/// What the plugin's elements log while it lives, as GST_DEBUG=facerec*:5 shows it.
class Log {
 public:
  Log() {
    gst_debug_set_threshold_from_string("facerec*:5", TRUE);
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(add, this, nullptr);
  }
  ~Log() {
    gst_debug_remove_log_function_by_data(this);
    gst_debug_set_threshold_from_string("", TRUE);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Whether an element logged such a line, or does so within a second.
  bool has(const std::string& element, const std::string& words) {
    for (int i = 0; i < 100; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (auto at = text_.find(words); at != std::string::npos; at = text_.find(words, at + 1)) {
          const auto line = text_.rfind('\n', at) + 1;
          if (text_.compare(line, element.size(), element) == 0) return true;
        }
      }
      g_usleep(10000);
    }
    return false;
  }

 private:
  static void add(GstDebugCategory* category, GstDebugLevel /*level*/, const gchar* /*file*/,
                  const gchar* /*function*/, gint /*line*/, GObject* /*object*/,
                  GstDebugMessage* message, gpointer self) {
    if (!g_str_has_prefix(gst_debug_category_get_name(category), "facerec")) return;
    Log& log = *static_cast<Log*>(self);
    const std::lock_guard lock(log.mutex_);
    log.text_ += std::string(gst_debug_category_get_name(category)) + ": " +
                 gst_debug_message_get(message) + "\n";
  }

  std::mutex mutex_;
  std::string text_ = "\n";
};

/// Plays to the end, anew; the people that facematch posts.
std::set<std::string> play(GstElement* pipeline) {
  gst_element_set_state(pipeline, GST_STATE_READY);
  GstBus* bus = gst_element_get_bus(pipeline);
  gst_bus_set_flushing(bus, TRUE);
  gst_bus_set_flushing(bus, FALSE);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  std::set<std::string> people;
  constexpr auto types =
      static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
  while (true) {
    const test::Message message(gst_bus_timed_pop_filtered(bus, 60 * GST_SECOND, types));
    fail_if(message == nullptr || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) break;
    const GstStructure* structure = gst_message_get_structure(message.get());
    if (gst_structure_has_name(structure, "facematch")) {
      people.insert(gst_structure_get_string(structure, "person"));
    }
  }
  gst_object_unref(bus);
  return people;
}

void count_notification(GObject* /*bin*/, GParamSpec* spec, gpointer counts) {
  ++(*static_cast<std::map<std::string, int>*>(counts))[spec->name];
}

const std::set<std::string> kAlways{"GstFacerecDetect", "GstFacerecTrack", "GstFacerecAlign",
                                    "GstFacerecEmbed"};

}  // namespace

GST_START_TEST(hands_its_properties_to_its_children) {
  const test::Element bin(gst_parse_launch(
      "facerec engine=opencv threads=2 detector=haar detect-threshold=0.5 detect-size=320 tiles=2 "
      "min-size=20 max-faces=3 "
      "inference-interval=2 max-lost=5 start-threshold=0.75 refresh-interval=7 landmarks=none "
      "mask=true model=sface gallery=g.db metric=euclidean-l2 "
      "threshold=0.9 false-name-rate=0.01 top-k=4 min-shots=3 margin=0.2 post-messages=changes",
      nullptr));
  GstElement* detect = gst_bin_get_by_name(GST_BIN(bin.get()), "detect");
  gfloat threshold = 0;
  gint size = 0;
  gint tiles = 0;
  gint least = 0;
  gint most = 0;
  guint interval = 0;
  gchar* model = nullptr;
  g_object_get(detect, "threshold", &threshold, "detect-size", &size, "tiles", &tiles, "min-size",
               &least, "max-faces", &most, "inference-interval", &interval, "model", &model,
               nullptr);
  fail_unless(threshold == 0.5F && size == 320 && tiles == 2 && least == 20 && most == 3 &&
              interval == 2);
  fail_unless_equals_string(model, "haar");
  g_free(model);
  gst_object_unref(detect);

  GstElement* track = gst_bin_get_by_name(GST_BIN(bin.get()), "track");
  GstElement* embed = gst_bin_get_by_name(GST_BIN(bin.get()), "embed");
  guint64 lost = 0;
  guint64 refresh = 0;
  g_object_get(track, "max-lost", &lost, "start-threshold", &threshold, nullptr);
  g_object_get(embed, "refresh-interval", &refresh, nullptr);
  fail_unless(lost == 5 && threshold == 0.75F && refresh == 7);
  gst_object_unref(track);
  gst_object_unref(embed);

  GstElement* align = gst_bin_get_by_name(GST_BIN(bin.get()), "align");
  gboolean mask = FALSE;
  g_object_get(align, "mask", &mask, nullptr);
  fail_unless(mask);
  gst_object_unref(align);

  for (const char* child : {"detect", "align", "embed"}) {
    const test::Element element(gst_bin_get_by_name(GST_BIN(bin.get()), child));
    gchar* engine = nullptr;
    gint threads = 0;
    g_object_get(element.get(), "engine", &engine, "threads", &threads, nullptr);
    fail_unless(threads == 2);
    fail_unless_equals_string(engine, "opencv");
    g_free(engine);
  }

  gint top_k = 0;
  gdouble accepted = 0;
  gdouble rate = 0;
  gint metric = 0;
  gchar* gallery = nullptr;
  g_object_get(bin.get(), "top-k", &top_k, "threshold", &accepted, "false-name-rate", &rate,
               "metric", &metric, "gallery", &gallery, nullptr);
  fail_unless(top_k == 4 && accepted == 0.9 && rate == 0.01 &&
              metric == GST_FACE_METRIC_EUCLIDEAN_L2);
  fail_unless_equals_string(gallery, "g.db");
  g_free(gallery);
}
GST_END_TEST;

GST_START_TEST(holds_the_children_that_its_settings_want) {
  const test::Element bin(gst_parse_launch("facerec", nullptr));
  const auto children_with = [&](const char* gallery, bool annotate) {
    g_object_set(bin.get(), "gallery", gallery, "annotate", static_cast<gboolean>(annotate),
                 nullptr);
    fail_unless_equals_int(gst_element_set_state(bin.get(), GST_STATE_READY),
                           GST_STATE_CHANGE_SUCCESS);
    const auto children = children_of(bin.get());
    gst_element_set_state(bin.get(), GST_STATE_NULL);
    return children;
  };
  auto expected = kAlways;
  fail_unless(children_with("", false) == expected);
  expected.insert("GstFacerecAnnotate");
  fail_unless(children_with("", true) == expected);
  expected.insert("GstFacerecMatch");
  fail_unless(children_with("people.db", true) == expected);
  expected.erase("GstFacerecAnnotate");
  fail_unless(children_with("people.db", false) == expected);
  fail_unless(children_with("", false) == kAlways);
  expected = kAlways;
  expected.insert("GstQueue");
  g_object_set(bin.get(), "pipeline-depth", 2, nullptr);
  fail_unless(children_with("", false) == expected);
  g_object_set(bin.get(), "pipeline-depth", 0, nullptr);
  fail_unless(children_with("", false) == kAlways);
}
GST_END_TEST;

GST_START_TEST(settings_count_from_the_next_start_on_in_whichever_state_they_are_made) {
  if (test::skip_without(files()) != 0) return;
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_portrait(gallery, test::video_info(GST_VIDEO_FORMAT_I420, 434, 434));
  std::set<std::string> all = kAlways;
  all.insert({"GstFacerecMatch", "GstFacerecAnnotate"});
  const std::string description = "filesrc location=" + test::portrait_file().string() +
                                  " ! jpegdec ! videoconvert ! imagefreeze num-buffers=2 ! "
                                  "facerec name=bin " +
                                  kModels + " ! fakesink";
  for (const GstState state :
       {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_PLAYING}) {
    const test::Element pipeline(gst_parse_launch(description.c_str(), nullptr));
    const test::Element bin(gst_bin_get_by_name(GST_BIN(pipeline.get()), "bin"));
    const auto names_after = [&](const std::string& people, bool annotate) {
      gst_element_set_state(pipeline.get(), state);
      gst_element_get_state(pipeline.get(), nullptr, nullptr, 20 * GST_SECOND);
      g_object_set(bin.get(), "gallery", people.c_str(), "annotate",
                   static_cast<gboolean>(annotate), nullptr);
      return play(pipeline.get());
    };
    const char* name = gst_element_state_get_name(state);
    fail_unless(names_after(gallery, true) == std::set<std::string>{"Ada"}, "set in %s", name);
    fail_unless(children_of(bin.get()) == all, "set in %s", name);
    fail_unless(names_after("", false).empty(), "set in %s", name);
    fail_unless(children_of(bin.get()) == kAlways, "set in %s", name);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
}
GST_END_TEST;

GST_START_TEST(notifies_of_what_its_children_do) {
  if (test::skip_without(files()) != 0) return;
  std::map<std::string, int> counts;
  const test::Element bin(
      gst_parse_launch(("facerec " + kModels + "landmarks=facerec-landmarks").c_str(), nullptr));
  g_signal_connect(bin.get(), "notify", G_CALLBACK(count_notification), &counts);
  gst_element_set_state(bin.get(), GST_STATE_PAUSED);
  gst_element_set_state(bin.get(), GST_STATE_NULL);
  for (const auto& [property, expected] : {std::pair{"used-detector", "haar-checked"},
                                           {"used-model", "facerec-embed"},
                                           {"used-landmarks", "facerec-landmarks"}}) {
    fail_unless_equals_int(counts[property], 1);
    gchar* value = nullptr;
    g_object_get(bin.get(), property, &value, nullptr);
    fail_unless_equals_string(value, expected);
    g_free(value);
  }

  // whoever sets it, the bin says so once and under its own name
  g_object_set(bin.get(), "detect-threshold", 0.25F, nullptr);
  fail_unless_equals_int(counts["detect-threshold"], 1);
  GstElement* detect = gst_bin_get_by_name(GST_BIN(bin.get()), "detect");
  g_object_set(detect, "threshold", 0.5F, nullptr);
  gst_object_unref(detect);
  fail_unless_equals_int(counts["detect-threshold"], 2);
  fail_unless_equals_int(counts["threshold"], 0);
}
GST_END_TEST;

GST_START_TEST(posts_the_error_of_a_child) {
  const test::Message last = test::run("videotestsrc ! facerec model=nosuch ! fakesink");
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_NOT_FOUND, {"nosuch"});
}
GST_END_TEST;

GST_START_TEST(recognises_a_face_from_a_photograph) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_portrait(gallery, info);
  test::Bench bench("facerec annotate=true " + kModels + "gallery=" + gallery, info);
  test::Buffer photo = test::photo_frame(test::portrait_file(), info);
  const std::string before = test::checksum(photo.get(), info);
  const test::Buffer out = bench.pass(std::move(photo));
  const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless(gst_face_identity_is_accepted(identity));
  fail_if(test::checksum(out.get(), info) == before, "nothing was drawn");
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const GstStructure* structure = gst_message_get_structure(messages[i].get());
    fail_unless_equals_string(gst_structure_get_string(structure, "event"),
                              i == 0 ? "appeared" : "recognised");
    fail_unless_equals_string(gst_structure_get_string(structure, "person"), "Ada");
  }
}
GST_END_TEST;

/// The models of kModels, where frames do not wait.
const std::string kLiveModels =
    "detector=haar-checked landmarks=none model=facerec-embed max-age=60000000000 ";

GST_START_TEST(takes_the_live_mode_where_upstream_is_live) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  for (const bool live : {true, false}) {
    GstHarness* harness = gst_harness_new_empty();
    gst_harness_set_live(harness, static_cast<gboolean>(live));
    gst_harness_add_parse(harness, ("identity ! facerec name=bin " + kLiveModels).c_str());
    const test::Element bin(gst_bin_get_by_name(GST_BIN(harness->element), "bin"));
    gst_harness_set_src_caps(harness, gst_video_info_to_caps(&info));
    const auto children = children_of(bin.get());
    fail_unless(children.count("GstFacerecAttach") == (live ? 1 : 0));
    fail_unless(children.count("GstTee") == (live ? 1 : 0));
    gst_harness_teardown(harness);
  }
}
GST_END_TEST;

/// Cameras answer a latency query only once they have a format.
GST_START_TEST(takes_the_live_mode_where_a_source_knows_late_that_it_is_live) {
  for (const bool live : {true, false}) {
    const test::Element pipeline(gst_parse_launch(
        (std::string("videotestsrc num-buffers=3 is-live=") + (live ? "true" : "false") +
         " ! video/x-raw,width=64,height=48,framerate=50/1 ! facerec name=bin " + kLiveModels +
         " ! fakesink sync=false")
            .c_str(),
        nullptr));
    play(pipeline.get());
    const test::Element split(gst_bin_get_by_name(GST_BIN(pipeline.get()), "split"));
    fail_unless((split != nullptr) == live);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
}
GST_END_TEST;

GST_START_TEST(a_live_source_loads_the_models_once) {
  if (test::skip_without(files()) != 0) return;
  const test::Element pipeline(gst_parse_launch(
      ("filesrc location=" + test::portrait_file().string() +
       " ! jpegdec ! videoconvert ! imagefreeze is-live=true num-buffers=2 ! facerec name=bin " +
       kLiveModels + " ! fakesink")
          .c_str(),
      nullptr));
  const test::Element bin(gst_bin_get_by_name(GST_BIN(pipeline.get()), "bin"));
  for (int round = 0; round < 3; ++round) {
    std::map<std::string, int> counts;
    const gulong id =
        g_signal_connect(bin.get(), "notify", G_CALLBACK(count_notification), &counts);
    play(pipeline.get());
    fail_unless_equals_int(counts["used-detector"], 1);
    fail_unless_equals_int(counts["used-model"], 1);
    fail_unless(children_of(bin.get()).count("GstFacerecAttach") == 1);
    g_signal_handler_disconnect(bin.get(), id);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
GST_END_TEST;

GST_START_TEST(live_frames_do_not_wait_and_get_the_names_later) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_portrait(gallery, info);
  test::Bench bench(
      "facerec mode=live stats-interval=1000000 " + kLiveModels + "gallery=" + gallery, info);
  bool named = false;
  int frames = 0;
  for (; frames < 1000 && !named; ++frames) {
    test::Buffer frame = test::photo_frame(test::portrait_file(), info);
    GST_BUFFER_PTS(frame.get()) = frames * GST_SECOND / 25;
    const test::Buffer out = bench.pass(std::move(frame));  // before the next one goes in
    for (const GstFaceMeta* face : test::faces_of(out.get())) {
      const GstFaceIdentity* identity = gst_face_meta_get_identity(face);
      named = named || (identity != nullptr && gst_face_identity_is_accepted(identity));
    }
    g_usleep(10000);
  }
  fail_unless(named, "nobody was named in %d frames", frames);

  GstStructure* stats = nullptr;
  g_object_get(bench.element(), "stats", &stats, nullptr);
  const auto count_of = [&](const char* child, const char* name) {
    GstStructure* part = nullptr;
    guint64 count = 0;
    fail_unless(gst_structure_get(stats, child, GST_TYPE_STRUCTURE, &part, nullptr) != FALSE);
    gst_structure_get_uint64(part, name, &count);
    gst_structure_free(part);
    return count;
  };
  fail_unless_equals_uint64(count_of("attach", "frames"), frames);
  fail_unless(count_of("attach", "with-results") > 0);
  fail_unless(count_of("detect", "analysed") > 0 && count_of("embed", "embeddings") > 0);
  gst_structure_free(stats);
  fail_unless_equals_uint64(gst_harness_query_latency(bench.harness()), 0);
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless(std::any_of(messages.begin(), messages.end(), [](const test::Message& message) {
    return gst_structure_has_name(gst_message_get_structure(message.get()), "facerec-stats") !=
           FALSE;
  }));
}
GST_END_TEST;

GST_START_TEST(shows_its_statistics) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  for (const char* mode : {"live", "sync"}) {
    test::Bench bench(
        "facerec annotate=true show-stats=true mode=" + std::string(mode) + " " + kLiveModels,
        info);
    const test::Element annotate(gst_bin_get_by_name(GST_BIN(bench.element()), "annotate"));
    const auto caption = [&] {
      gchar* text = nullptr;
      g_object_get(annotate.get(), "caption", &text, nullptr);
      std::string copy = text;
      g_free(text);
      return copy;
    };
    const gint64 begin = g_get_monotonic_time();
    for (int i = 0; caption().empty(); ++i) {
      fail_if(g_get_monotonic_time() > begin + 60 * G_USEC_PER_SEC);
      test::Buffer frame = test::photo_frame(test::portrait_file(), info);
      GST_BUFFER_PTS(frame.get()) = i * GST_SECOND / 25;
      bench.pass(std::move(frame));
      g_usleep(10000);
    }
    const std::string text = caption();
    const bool live = mode == std::string("live");
    for (const char* words : {"frames/s", "analysed", "detect ", "embed ", " ms"})
      fail_if(text.find(words) == std::string::npos, "%s", text.c_str());
    fail_unless((text.find("ms old") != std::string::npos) == live, "%s", text.c_str());
    fail_if(text.find("match") != std::string::npos);
    g_object_set(bench.element(), "show-stats", FALSE, nullptr);
    fail_unless(caption().empty());
  }
}
GST_END_TEST;

GST_START_TEST(live_messages_come_before_the_end) {
  if (test::skip_without(files()) != 0) return;
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_portrait(gallery, test::video_info(GST_VIDEO_FORMAT_I420, 434, 434));
  const test::Element pipeline(gst_parse_launch(
      ("filesrc location=" + test::portrait_file().string() +
       " ! jpegdec ! videoconvert ! imagefreeze num-buffers=1 ! facerec mode=live " + kLiveModels +
       "gallery=" + gallery + " ! fakesink")
          .c_str(),
      nullptr));
  for (int i = 0; i < 10; ++i)
    fail_unless(play(pipeline.get()) == std::set<std::string>{"Ada"}, "in round %d", i);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
GST_END_TEST;

/// What a frame says: its time, and each face's box, track and embedding.
static std::string story_of(GstBuffer* frame) {
  std::string story = std::to_string(GST_BUFFER_PTS(frame));
  for (const GstFaceMeta* face : test::faces_of(frame)) {
    gsize dimension = 0;
    const gfloat* values =
        gst_face_embedding_get_values(gst_face_meta_get_embedding(face), &dimension);
    story += " " + std::to_string(face->box.x) + "," + std::to_string(face->box.width) + " " +
             std::to_string(face->track_id) + " " + std::to_string(values[0]) +
             std::to_string(values[dimension - 1]);
  }
  return story;
}

GST_START_TEST(pipeline_depth_changes_no_result_and_loses_no_frame) {
  if (test::skip_without(files()) != 0) return;
  constexpr int kFrames = 7;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  std::vector<std::string> stories[2];
  for (const guint depth : {0U, 2U}) {
    test::Bench bench("facerec pipeline-depth=" + std::to_string(depth) + " " + kModels, info);
    for (int i = 0; i < kFrames; ++i) {
      test::Buffer frame = test::photo_frame(test::portrait_file(), info);
      GST_BUFFER_PTS(frame.get()) = i * GST_SECOND / 5;
      fail_unless_equals_int(bench.push(std::move(frame)), GST_FLOW_OK);
    }
    fail_unless(gst_harness_push_event(bench.harness(), gst_event_new_eos()));
    for (int i = 0; i < kFrames; ++i) {
      const test::Buffer out(gst_harness_pull(bench.harness()));
      fail_if(out == nullptr, "frame %d is lost", i);
      stories[depth / 2].push_back(story_of(out.get()));
    }
  }
  for (int i = 0; i < kFrames; ++i) test::expect_equal(stories[1].at(i), stories[0].at(i));
  fail_unless(stories[0].back().find(' ') != std::string::npos, "no face was found");
}
GST_END_TEST;

GST_START_TEST(a_stream_may_follow_another_at_once) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 640, 480);
  for (const char* mode : {"mode=live", "mode=sync pipeline-depth=2"}) {
    test::Bench bench(
        "facerec detector=facerec-detect landmarks=none model=facerec-embed " + std::string(mode),
        info);
    const auto push_event = [&](GstEvent* event) {
      fail_unless(gst_harness_push_event(bench.harness(), event) != FALSE);
    };
    constexpr guint kStreams = 10;
    constexpr guint kFrames = 3;
    for (guint stream = 0; stream < kStreams; ++stream) {
      for (guint i = 0; i < kFrames; ++i) {
        Buffer frame = test::blank_frame(info, i * GST_SECOND / 25);
        fail_unless_equals_int(bench.push(std::move(frame)), GST_FLOW_OK);
      }
      push_event(gst_event_new_eos());
      push_event(gst_event_new_stream_start("another"));
      bench.set_format(info);
      GstSegment segment;
      gst_segment_init(&segment, GST_FORMAT_TIME);
      push_event(gst_event_new_segment(&segment));
    }
    for (guint i = 0; i < kStreams * kFrames; ++i) {
      const Buffer out(gst_harness_pull(bench.harness()));
      fail_if(out == nullptr, "%s: frame %u is lost", mode, i);
    }
    guint ends = 0;
    while (GstEvent* event = gst_harness_try_pull_event(bench.harness())) {
      ends += GST_EVENT_TYPE(event) == GST_EVENT_EOS ? 1 : 0;
      gst_event_unref(event);
    }
    fail_unless_equals_int(ends, kStreams);
  }
}
GST_END_TEST;

GST_START_TEST(pipeline_depth_drops_what_waits_where_the_stream_is_flushed) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  test::Bench bench("facerec pipeline-depth=3 " + kModels, info);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 3; ++i) bench.push(test::photo_frame(test::portrait_file(), info));
    fail_unless(gst_harness_push_event(bench.harness(), gst_event_new_flush_start()));
    fail_unless(gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE)));
    while (GstBuffer* old = gst_harness_try_pull(bench.harness())) gst_buffer_unref(old);
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    fail_unless(gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment)));
    test::Buffer frame = test::photo_frame(test::portrait_file(), info);
    GST_BUFFER_PTS(frame.get()) = GST_SECOND;
    const test::Buffer out = bench.pass(std::move(frame));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), GST_SECOND);
  }
}
GST_END_TEST;

GST_START_TEST(logs_models_gallery_and_finds) {
  if (test::skip_without(files()) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_portrait(gallery, info);
  Log log;
  test::Bench bench("facerec " + kModels + "landmarks=facerec-landmarks gallery=" + gallery, info);
  bench.pass(test::photo_frame(test::portrait_file(), info));
  fail_unless(log.has("facerec:", "has <match>"));
  fail_unless(log.has("facerecdetect:", "haar-checked"));
  fail_unless(log.has("facerecalign:", "facerec-landmarks"));
  fail_unless(log.has("facerecembed:", "facerec-embed"));
  fail_unless(log.has("facerecmatch:", "gallery with 1 templates of 1 people"));
  fail_unless(log.has("facerecdetect:", "1 faces at 0:00:00"));
  fail_unless(log.has("facerecmatch:", "is recognised \"Ada\""));
  {
    facerec::Gallery open(gallery, facerec::Gallery::Mode::ReadWrite);
    open.enroll("Grace", open.templates().at(0));
  }
  fail_unless(log.has("facerecmatch:", "gallery with 2 templates of 2 people"));
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facerec bin");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, hands_its_properties_to_its_children);
  tcase_add_test(tests, holds_the_children_that_its_settings_want);
  tcase_add_test(tests, settings_count_from_the_next_start_on_in_whichever_state_they_are_made);
  tcase_add_test(tests, notifies_of_what_its_children_do);
  tcase_add_test(tests, posts_the_error_of_a_child);
  tcase_add_test(tests, recognises_a_face_from_a_photograph);
  tcase_add_test(tests, takes_the_live_mode_where_upstream_is_live);
  tcase_add_test(tests, takes_the_live_mode_where_a_source_knows_late_that_it_is_live);
  tcase_add_test(tests, a_live_source_loads_the_models_once);
  tcase_add_test(tests, live_frames_do_not_wait_and_get_the_names_later);
  tcase_add_test(tests, shows_its_statistics);
  tcase_add_test(tests, live_messages_come_before_the_end);
  tcase_add_test(tests, pipeline_depth_changes_no_result_and_loses_no_frame);
  tcase_add_test(tests, a_stream_may_follow_another_at_once);
  tcase_add_test(tests, pipeline_depth_drops_what_waits_where_the_stream_is_flushed);
  tcase_add_test(tests, logs_models_gallery_and_finds);
  return test::run_suite(suite);
}
