// SPDX-License-Identifier: LGPL-2.1-or-later

#include "benchmark_chain.h"

#include <future>

#include "moving_head.h"
#include "temporary_folder.h"
#include "video_tracks.h"

namespace facerec::cli {

namespace {

constexpr int people = 10;

/// The chain at work on a clip that is shown again and again.
class Viewer {
 public:
  Viewer(Recognizer& recognizer, const std::shared_ptr<const Matcher>& matcher,
         const std::vector<cv::Mat>& clip, int rate)
      : clip_(clip), rate_(rate), tracks_(recognizer, matcher, options(), {}) {}

  /// Looks at `rate` frames, which are evenly spread.
  void watch_a_second() {
    for (int i = 0; i < rate_; ++i) {
      tracks_.look_at(clip_[static_cast<std::size_t>(i) * clip_.size() / rate_],
                      static_cast<double>(frames_) / rate_);
      ++frames_;
    }
  }

  /// `timing` is that of watch_a_second().
  ChainTime finish(const Timing& timing) {
    ChainTime result{clip_.front().size(), timing.milliseconds / rate_, frames_};
    for (const VideoTrack& track : tracks_.finish()) {
      result.faces += track.frames;
      result.shots += track.summary.verdict.shots;
    }
    return result;
  }

 private:
  static TrackDecisionOptions options() {
    TrackDecisionOptions options;
    options.decision.threshold = 0.5;  // whom it takes for whom does not matter
    return options;
  }

  const std::vector<cv::Mat>& clip_;
  int rate_;
  int frames_ = 0;
  VideoTracks tracks_;
};

}  // namespace

std::shared_ptr<const Matcher> invented_people(const Recognizer& recognizer) {
  const TemporaryFolder folder;
  Gallery gallery(folder / "people.db", Gallery::Mode::Create);
  cv::RNG random(1);
  for (int i = 1; i <= people; ++i) {
    Template entry;
    entry.embedding = {recognizer.profile().name, recognizer.fingerprint(),
                       std::vector<float>(recognizer.profile().dimension)};
    random.fill(entry.embedding.values, cv::RNG::NORMAL, 0, 1);
    gallery.enroll("Person " + std::to_string(i), entry);
  }
  return std::make_shared<const Matcher>(gallery, Metric::Cosine);
}

std::vector<ChainTime> time_chain(Recognizer& recognizer,
                                  const std::shared_ptr<const Matcher>& matcher,
                                  const std::vector<std::vector<cv::Mat>>& clips, double seconds) {
  Measurements measurements(seconds, clips.size());
  std::vector<ChainTime> times;
  for (const std::vector<cv::Mat>& clip : clips) {
    Viewer viewer(recognizer, matcher, clip, clip_rate);
    times.push_back(viewer.finish(measurements.next([&] { viewer.watch_a_second(); })));
  }
  return times;
}

ChainTime time_cameras(const RecognizerOptions& options,
                       const std::shared_ptr<const Matcher>& matcher,
                       const std::vector<cv::Mat>& clip, int analyses, double seconds) {
  RecognizerOptions single = options;
  single.network.engine.threads = 1;
  cv::setNumThreads(1);
  const int chains = cv::getNumberOfCPUs();
  std::vector<std::unique_ptr<Recognizer>> recognizers;
  recognizers.reserve(chains);
  for (int i = 0; i < chains; ++i) recognizers.push_back(std::make_unique<Recognizer>(single));

  std::vector<std::future<ChainTime>> viewers;
  viewers.reserve(chains);
  for (const auto& recognizer : recognizers) {
    viewers.push_back(std::async(std::launch::async, [&] {
      Viewer viewer(*recognizer, matcher, clip, analyses);
      return viewer.finish(measure(seconds, [&] { viewer.watch_a_second(); }));
    }));
  }
  ChainTime mean{clip.front().size()};
  for (auto& viewer : viewers) {
    const ChainTime time = viewer.get();
    mean.milliseconds += time.milliseconds / chains;
    mean.frames += time.frames;
    mean.faces += time.faces;
    mean.shots += time.shots;
  }
  cv::setNumThreads(-1);
  return mean;
}

}  // namespace facerec::cli
