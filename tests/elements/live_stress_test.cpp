// SPDX-License-Identifier: LGPL-2.1-or-later

// The bin facerec in live mode while streams are flushed, sought, stopped, begun and taken away.
// What is done and when is drawn from a generator with the seed that is printed; FACEREC_SEED sets
// another.

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

const std::string kAnalysis =
    "detector=facerec-detect detect-size=160 landmarks=none model=facerec-embed threads=1 "
    "max-age=60000000000 ";
constexpr gint64 kPatience = gint64{20} * G_USEC_PER_SEC;
constexpr GstClockTime kLength = 4 * GST_SECOND;  // of the file

class Dice {
 public:
  Dice() {
    const char* said = std::getenv("FACEREC_SEED");
    const unsigned seed = said != nullptr ? std::strtoul(said, nullptr, 10) : 1;
    std::cout << "seed " << seed << std::endl;
    generator_.seed(seed);
  }
  /// One of 0..count-1.
  int throw_of(int count) { return static_cast<int>(generator_() % static_cast<unsigned>(count)); }
  /// Up to so many milliseconds.
  void wait(int most) { g_usleep(throw_of(most * 1000 + 1)); }

 private:
  std::mt19937 generator_;
};

template <typename Condition>
bool comes_true(Condition condition) {
  for (const gint64 end = g_get_monotonic_time() + kPatience; g_get_monotonic_time() < end;) {
    if (condition()) return true;
    g_usleep(2000);
  }
  return false;
}

GstPadProbeReturn count_frame(GstPad* /*pad*/, GstPadProbeInfo* /*info*/, gpointer count) {
  ++*static_cast<std::atomic<int>*>(count);
  return GST_PAD_PROBE_OK;
}

test::Element launch(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  fail_if(error != nullptr, "%s", error != nullptr ? error->message : "");
  gst_object_ref_sink(pipeline);
  return test::Element(pipeline);
}

/// What gst_parse_launch would do once only.
void link_decoder(GstElement* demux, GstPad* /*pad*/, gpointer pipeline) {
  const test::Element decoder(gst_bin_get_by_name(GST_BIN(pipeline), "decoder"));
  gst_element_link(demux, decoder.get());
}

/// A pipeline with the elements "size", a capsfilter, and behind it "bin".
class Player {
 public:
  explicit Player(const std::string& description) : pipeline_(launch(description)) {
    const test::Element demux(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "demux"));
    if (demux)
      g_signal_connect(demux.get(), "pad-added", G_CALLBACK(link_decoder), pipeline_.get());
    count("sink", frames_in_);
    count("src", frames_out_);
  }
  ~Player() { set_state(GST_STATE_NULL); }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  void set_state(GstState state) {
    if (state < GST_STATE_PAUSED) frames_before_ = frames_in_.load();
    fail_if(gst_element_set_state(pipeline_.get(), state) == GST_STATE_CHANGE_FAILURE);
  }

  /// GStreamer's pipeline now and then loses a state that is asked for while it still comes back
  /// from a flush.
  void settle() {
    fail_if(gst_element_get_state(pipeline_.get(), nullptr, nullptr, kPatience * GST_USECOND) ==
                GST_STATE_CHANGE_ASYNC,
            "the state does not change");
  }

  /// Not before the first frame: a live imagefreeze that has no image yet may never begin then.
  void seek(GstClockTime to, bool flush) {
    if (frames_in_ == frames_before_) return;
    const int flags = GST_SEEK_FLAG_KEY_UNIT | (flush ? GST_SEEK_FLAG_FLUSH : GST_SEEK_FLAG_NONE);
    gst_element_seek_simple(pipeline_.get(), GST_FORMAT_TIME, static_cast<GstSeekFlags>(flags),
                            static_cast<gint64>(to));
  }

  void set_size(int width, int height) {
    const test::Element filter(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "size"));
    GstCaps* caps = gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, width, "height",
                                        G_TYPE_INT, height, nullptr);
    g_object_set(filter.get(), "caps", caps, nullptr);
    gst_caps_unref(caps);
  }

  void expect_frames(int least) {
    const int before = frames_out_;
    const bool came = comes_true([&] { return frames_out_ >= before + least; });
    expect_no_error();
    fail_unless(came, "%d frames since the storm", frames_out_ - before);
  }

  void expect_no_error() {
    GstBus* bus = gst_element_get_bus(pipeline_.get());
    const test::Message error(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
    gst_object_unref(bus);
    if (!error) return;
    GError* said = nullptr;
    gst_message_parse_error(error.get(), &said, nullptr);
    ck_abort_msg("%s", said->message);
  }

  /// From the beginning to the end: each frame comes out.
  void expect_whole_stream() {
    settle();
    set_state(GST_STATE_READY);
    GstBus* bus = gst_element_get_bus(pipeline_.get());
    gst_bus_set_flushing(bus, TRUE);
    gst_bus_set_flushing(bus, FALSE);
    frames_in_ = frames_out_ = frames_before_ = 0;
    set_state(GST_STATE_PLAYING);
    const test::Message end(gst_bus_timed_pop_filtered(
        bus, kPatience * GST_USECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_object_unref(bus);
    fail_unless(end != nullptr && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS);
    fail_unless_equals_int(frames_out_, frames_in_);
    fail_unless(frames_out_ > 0);
  }

  GstElement* pipeline() { return pipeline_.get(); }

 private:
  void count(const char* name, std::atomic<int>& frames) {
    const test::Element bin(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "bin"));
    GstPad* pad = gst_element_get_static_pad(bin.get(), name);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, count_frame, &frames, nullptr);
    gst_object_unref(pad);
  }

  int frames_before_ = 0;  ///< of frames_in_, when the pipeline was stopped last
  std::atomic<int> frames_in_ = 0;
  std::atomic<int> frames_out_ = 0;
  test::Element pipeline_;
};

/// Ten storms of twenty operations each; `check` is called after each.
template <typename Check>
void storm(Player& player, Dice& dice, Check check) {
  for (int number = 0; number < 200; ++number) {
    switch (dice.throw_of(8)) {
      case 0:
      case 1:
        player.settle();
        player.seek(dice.throw_of(100) * kLength / 200, true);
        break;
      case 2:  // waits for a frame to pass, so only where they do
        player.settle();
        player.set_state(GST_STATE_PLAYING);
        player.settle();
        player.seek(dice.throw_of(100) * kLength / 200, false);
        break;
      case 3:
        player.settle();
        player.set_state(GST_STATE_PLAYING);
        break;
      case 4:
        player.settle();
        player.set_state(GST_STATE_PAUSED);
        break;
      case 5:
        player.set_state(GST_STATE_READY);
        break;
      case 6:
        player.set_state(GST_STATE_NULL);
        break;
      default:
        player.set_size(160 + 32 * dice.throw_of(6), 240);
    }
    dice.wait(30);
    if (number % 20 == 19) {
      player.settle();
      player.set_state(GST_STATE_PLAYING);
      player.settle();
      check();
    }
  }
}

std::string portrait(const std::string& freeze) {
  return "filesrc location=" + test::portrait_file().string() +
         " ! jpegdec ! videoconvert ! imagefreeze " + freeze +
         " ! video/x-raw,framerate=50/1 ! videoscale ! capsfilter name=size "
         "caps=video/x-raw,width=320,height=240 ! ";
}

/// Another stream of a tee, which can be taken away again.
class Branch {
 public:
  Branch(GstElement* pipeline, const std::string& description) : pipeline_(pipeline) {
    bin_ = gst_parse_bin_from_description(description.c_str(), TRUE, nullptr);
    fail_if(bin_ == nullptr);
    gst_bin_add(GST_BIN(pipeline), GST_ELEMENT(gst_object_ref(bin_)));
    gst_element_sync_state_with_parent(bin_);
    tee_.reset(gst_bin_get_by_name(GST_BIN(pipeline), "tee"));
    pad_ = gst_element_request_pad_simple(tee_.get(), "src_%u");
    GstPad* sink = gst_element_get_static_pad(bin_, "sink");
    fail_unless_equals_int(gst_pad_link(pad_, sink), GST_PAD_LINK_OK);
    gst_object_unref(sink);
  }
  ~Branch() {
    std::atomic<bool> unlinked = false;
    gst_pad_add_probe(pad_, GST_PAD_PROBE_TYPE_IDLE, unlink, &unlinked, nullptr);
    fail_unless(comes_true([&] { return unlinked.load(); }), "a frame does not end");
    gst_element_set_state(bin_, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline_), bin_);
    gst_element_release_request_pad(tee_.get(), pad_);
    gst_object_unref(pad_);
    gst_object_unref(bin_);
  }
  Branch(const Branch&) = delete;
  Branch& operator=(const Branch&) = delete;

  /// How often a child of the branch's facerec counted something.
  guint64 count_of(const char* child, const char* name) {
    const test::Element facerec(gst_bin_get_by_name(GST_BIN(bin_), "branch"));
    GstStructure* stats = nullptr;
    GstStructure* part = nullptr;
    guint64 count = 0;
    g_object_get(facerec.get(), "stats", &stats, nullptr);
    if (gst_structure_get(stats, child, GST_TYPE_STRUCTURE, &part, nullptr) != FALSE)
      gst_structure_get_uint64(part, name, &count);
    g_clear_pointer(&part, gst_structure_free);
    gst_structure_free(stats);
    return count;
  }

 private:
  static GstPadProbeReturn unlink(GstPad* pad, GstPadProbeInfo* /*info*/, gpointer done) {
    GstPad* peer = gst_pad_get_peer(pad);
    gst_pad_unlink(pad, peer);
    gst_object_unref(peer);
    *static_cast<std::atomic<bool>*>(done) = true;
    return GST_PAD_PROBE_REMOVE;
  }

  GstElement* pipeline_;
  GstElement* bin_;
  test::Element tee_;
  GstPad* pad_;
};

/// The frames that come to a pad, by the number that their source gave them.
struct Sequence {
  std::atomic<guint64> next = 0;
  std::atomic<int> gaps = 0;
};

GstPadProbeReturn follow(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  Sequence& sequence = *static_cast<Sequence*>(data);
  const guint64 number = GST_BUFFER_OFFSET(GST_PAD_PROBE_INFO_BUFFER(info));
  if (number != sequence.next) ++sequence.gaps;
  sequence.next = number + 1;
  return GST_PAD_PROBE_OK;
}

/// A live stream that stays while others come and go.
class Stays {
 public:
  explicit Stays(const std::string& source) : player_(source + " ! tee name=tee ! " + kStays) {
    const test::Element last(gst_bin_get_by_name(GST_BIN(player_.pipeline()), "last"));
    GstPad* pad = gst_element_get_static_pad(last.get(), "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, follow, &sequence_, nullptr);
    gst_object_unref(pad);
    player_.set_state(GST_STATE_PLAYING);
    player_.expect_frames(5);
  }

  Player& player() { return player_; }
  GstElement* pipeline() { return player_.pipeline(); }

  void expect_all_frames() {
    player_.expect_frames(5);
    fail_unless_equals_int(sequence_.gaps, 0);
  }

 private:
  inline static const std::string kStays =
      "queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! facerec name=bin mode=live " +
      kAnalysis + " ! fakesink name=last sync=false";

  Sequence sequence_;
  Player player_;
};

std::string branch(const std::string& settings) {
  return "queue leaky=downstream ! facerec name=branch mode=live " + kAnalysis + settings +
         " ! fakesink sync=false async=false";
}

}  // namespace

GST_START_TEST(a_live_source_survives_a_storm) {
  if (test::skip_without({test::portrait_file()}) != 0) return;
  Dice dice;
  for (const char* mode : {"live", "auto"}) {
    Player player(portrait("is-live=true") + "facerec annotate=true name=bin mode=" + mode + " " +
                  kAnalysis + " ! fakesink");
    storm(player, dice, [&] { player.expect_frames(5); });
  }
}
GST_END_TEST;

namespace {

/// Makes the bin slow to take the child in.
void dawdle(GstBin* /*bin*/, GstElement* /*child*/, gpointer taking_in) {
  *static_cast<std::atomic<bool>*>(taking_in) = true;
  g_usleep(100 * 1000);
  *static_cast<std::atomic<bool>*>(taking_in) = false;
}

}  // namespace

/// With mode=auto the bin takes children in when a camera's stream begins.
GST_START_TEST(a_state_change_waits_until_the_bin_is_live) {
  for (const GstState next : {GST_STATE_PAUSED, GST_STATE_READY}) {
    Player player(
        "videotestsrc is-live=true ! capsfilter name=size "
        "caps=video/x-raw,width=320,height=240,framerate=100/1 ! facerec name=bin " +
        kAnalysis + " ! fakesink sync=false");
    std::atomic<bool> taking_in = false;
    const test::Element bin(gst_bin_get_by_name(GST_BIN(player.pipeline()), "bin"));
    const gulong handler =
        g_signal_connect(bin.get(), "element-added", G_CALLBACK(dawdle), &taking_in);
    player.set_state(GST_STATE_PLAYING);
    fail_unless(comes_true([&] { return taking_in.load(); }), "the bin does not become live");
    player.set_state(next);
    fail_if(taking_in, "its state was changed meanwhile");
    g_signal_handler_disconnect(bin.get(), handler);
    player.set_state(GST_STATE_PLAYING);
    player.expect_frames(3);
  }
}
GST_END_TEST;

GST_START_TEST(a_file_survives_a_storm) {
  if (test::skip_without({test::portrait_file()}) != 0) return;
  const test::Folder folder;
  const std::string file = folder / "file.mkv";
  const test::Message end =
      test::run(portrait("num-buffers=200") + "jpegenc ! matroskamux ! filesink location=" + file);
  fail_unless(end != nullptr && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS);
  Dice dice;
  Player player("filesrc location=" + file +
                " ! matroskademux name=demux jpegdec name=decoder ! videoscale ! capsfilter "
                "name=size ! facerec name=bin "
                "mode=live annotate=true " +
                kAnalysis + " ! fakesink sync=true");
  storm(player, dice, [&] {
    player.seek(0, true);
    player.expect_frames(5);
  });
  player.expect_whole_stream();
}
GST_END_TEST;

GST_START_TEST(others_come_and_go_while_a_stream_stays) {
  Dice dice;
  Stays stays(
      "videotestsrc is-live=true pattern=ball ! capsfilter name=size "
      "caps=video/x-raw,width=320,height=240,framerate=50/1");
  for (int number = 0; number < 50; ++number) {
    const Branch other(stays.pipeline(), branch(""));
    dice.wait(100);
  }
  stays.expect_all_frames();
}
GST_END_TEST;

GST_START_TEST(a_stream_goes_while_its_network_runs) {
  Stays stays(
      "videotestsrc is-live=true pattern=ball ! capsfilter name=size "
      "caps=video/x-raw,width=640,height=480,framerate=25/1");
  for (int number = 0; number < 3; ++number) {
    Branch slow(stays.pipeline(), branch("detect-size=640 tiles=3"));
    fail_unless(comes_true([&] { return slow.count_of("detect", "frames") > 0; }));
  }
  stays.expect_all_frames();
}
GST_END_TEST;

GST_START_TEST(ends_that_come_at_once_come_out) {
  Dice dice;
  for (const int frames : {0, 1, 2}) {
    for (int round = 0; round < 5; ++round) {
      const test::Message end = test::run("videotestsrc num-buffers=" + std::to_string(frames) +
                                          " ! facerec mode=live " + kAnalysis + " ! fakesink");
      fail_unless(end != nullptr && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS,
                  "after %d frames", frames);
    }
  }
  for (int round = 0; round < 20; ++round) {
    const test::Element pipeline =
        launch("videotestsrc is-live=true ! facerec mode=live " + kAnalysis + " ! fakesink");
    GstBus* bus = gst_element_get_bus(pipeline.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    // Before it plays, GStreamer would wait for itself.
    gst_element_get_state(pipeline.get(), nullptr, nullptr, kPatience * GST_USECOND);
    dice.wait(20);
    gst_element_send_event(pipeline.get(), gst_event_new_eos());
    const test::Message end(
        gst_bus_timed_pop_filtered(bus, kPatience * GST_USECOND, GST_MESSAGE_EOS));
    fail_if(end == nullptr, "in round %d", round);
    gst_object_unref(bus);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
}
GST_END_TEST;

GST_START_TEST(an_error_upstream_leaves_nothing_waiting) {
  for (int round = 0; round < 5; ++round) {
    const test::Message last = test::run(
        "videotestsrc ! identity error-after=3 ! facerec mode=live " + kAnalysis + " ! fakesink");
    fail_unless(last != nullptr && GST_MESSAGE_TYPE(last.get()) == GST_MESSAGE_ERROR);
    fail_unless(g_str_has_prefix(GST_OBJECT_NAME(GST_MESSAGE_SRC(last.get())), "identity"));
  }
}
GST_END_TEST;

/// Frames without pixels and events in any order; what is pushed comes out, and in that order.
GST_START_TEST(gaps_flushes_and_streams_pass) {
  Dice dice;
  test::Bench bench("facerec mode=live annotate=true " + kAnalysis,
                    test::video_info(GST_VIDEO_FORMAT_I420, 320, 240));
  const std::array<GstVideoInfo, 2> sizes{test::video_info(GST_VIDEO_FORMAT_I420, 320, 240),
                                          test::video_info(GST_VIDEO_FORMAT_NV12, 160, 120)};
  const auto push_event = [&](GstEvent* event) {
    fail_unless(gst_harness_push_event(bench.harness(), event) != FALSE);
  };
  const auto push_segment = [&] {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_event(gst_event_new_segment(&segment));
  };
  int size = 0;
  for (guint number = 0; number < 500; ++number) {
    const GstClockTime pts = number * GST_SECOND / 25;
    switch (dice.throw_of(8)) {
      case 0:
        push_event(gst_event_new_gap(pts, GST_SECOND / 25));
        break;
      case 1: {
        test::Buffer gap(gst_buffer_new());
        GST_BUFFER_PTS(gap.get()) = pts;
        GST_BUFFER_FLAG_SET(gap.get(), GST_BUFFER_FLAG_GAP | GST_BUFFER_FLAG_DROPPABLE);
        fail_unless_equals_uint64(gst_buffer_get_size(bench.pass(std::move(gap)).get()), 0);
        break;
      }
      case 2:
        push_event(gst_event_new_flush_start());
        push_event(gst_event_new_flush_stop(TRUE));
        push_segment();
        break;
      case 3:
        size = 1 - size;
        bench.set_format(sizes.at(size));
        break;
      case 4:
        if (dice.throw_of(2) == 0) push_event(gst_event_new_eos());
        push_event(gst_event_new_stream_start("another"));
        bench.set_format(sizes.at(size));
        push_segment();
        break;
      default:
        const test::Buffer out = bench.pass(test::blank_frame(sizes.at(size), pts));
        fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), pts);
    }
  }
  fail_unless(bench.messages(GST_MESSAGE_ERROR).empty());
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("live stress");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_live_source_survives_a_storm);
  tcase_add_test(tests, a_state_change_waits_until_the_bin_is_live);
  tcase_add_test(tests, a_file_survives_a_storm);
  tcase_add_test(tests, others_come_and_go_while_a_stream_stays);
  tcase_add_test(tests, a_stream_goes_while_its_network_runs);
  tcase_add_test(tests, ends_that_come_at_once_come_out);
  tcase_add_test(tests, an_error_upstream_leaves_nothing_waiting);
  tcase_add_test(tests, gaps_flushes_and_streams_pass);
  return test::run_suite(suite);
}
