// SPDX-License-Identifier: LGPL-2.1-or-later

#include "shared_backend.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "../shared.h"

namespace facerec {

/// Waits for one's turn and takes a plan, and gives it back.
class SharedBackend::Turn {
 public:
  explicit Turn(SharedBackend& shared) : shared_(shared) {
    std::unique_lock lock(shared_.mutex_);
    const std::uint64_t own = shared_.came_++;
    shared_.next_.wait(lock, [&] { return shared_.served_ == own && !shared_.free_.empty(); });
    ++shared_.served_;
    plan_ = shared_.free_.back();
    shared_.free_.pop_back();
    shared_.next_.notify_all();
  }
  ~Turn() { shared_.give_back(plan_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  Plan* operator->() const { return plan_; }

 private:
  SharedBackend& shared_;
  Plan* plan_ = nullptr;
};

SharedBackend::SharedBackend(const Model& model) : model_(model) {
  add(make_backend(model));
  first_ = plans_.front()->backend.get();
}

void SharedBackend::add(std::unique_ptr<Backend> backend) {
  plans_.push_back(std::make_unique<Plan>());
  plans_.back()->backend = std::move(backend);
  give_back(plans_.back().get());
}

void SharedBackend::give_back(Plan* plan) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(plan);
  }
  next_.notify_all();
}

void SharedBackend::serve(std::size_t users) {
  const std::lock_guard lock(growing_);
  const std::size_t most = std::min<std::size_t>(users, std::thread::hardware_concurrency());
  while (plans_.size() < most) {
    std::unique_ptr<Backend> another = first_->twin();
    if (!another && model_.profile.role == Role::Detector) another = make_backend(model_);
    if (!another) return;
    add(std::move(another));
  }
}

void SharedBackend::run(const cv::Mat& blob, const std::vector<std::string>& outputs,
                        std::vector<cv::Mat>& results) {
  const Turn plan(*this);
  plan->backend->forward(blob, outputs, plan->results);
  results.resize(plan->results.size());
  for (std::size_t i = 0; i < results.size(); ++i) plan->results[i].copyTo(results[i]);
}

std::shared_ptr<SharedBackend> shared_backend(const Model& model) {
  static Shared<SharedBackend> all;
  std::string key =
      model.fingerprint + ' ' + model.engine.name + ' ' + std::to_string(model.engine.threads);
  for (const std::filesystem::path& file : model.files) key += ' ' + file.string();
  auto shared = all.get(key, [&] { return std::make_unique<SharedBackend>(model); });
  shared->serve(shared.use_count());
  return shared;
}

}  // namespace facerec
