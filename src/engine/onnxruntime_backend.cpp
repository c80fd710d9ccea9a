// SPDX-License-Identifier: LGPL-2.1-or-later

#include "onnxruntime_backend.h"

#include <malloc.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <stdexcept>
#include <thread>

#include "../error.h"
#include "onnx_file.h"

namespace facerec {
namespace {

int cores() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// What all sessions of the process share, made with the first: one thread a core, and the memory
/// for what networks compute, which therefore is that of the greediest one and not of all together.
Ort::Env& environment() {
  static Ort::Env env = [] {
    constexpr int as_requested = 1;  // not the next power of two
    Ort::ThreadingOptions threads;
    threads.SetGlobalIntraOpNumThreads(cores());
    threads.SetGlobalSpinControl(0);  // those that wait would take the cores from other elements
    Ort::Env made(threads, ORT_LOGGING_LEVEL_ERROR, "facerec");
    try {
      made.CreateAndRegisterAllocator(
          Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault),
          Ort::ArenaCfg(0, as_requested, -1, -1));
    } catch (const Ort::Exception&) {
      // Another user of the library has registered one already, which serves as well.
    }
    return made;
  }();
  return env;
}

/// Nothing is said on std::cerr meanwhile: Debian 13's library registers ONNX's operators twice
/// when the first session is made, and tells so of each.
class Silence {
 public:
  Silence() : before_(std::cerr.rdstate()) { std::cerr.setstate(std::ios::failbit); }
  ~Silence() { std::cerr.clear(before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  std::ios::iostate before_;
};

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// `threads` of its own, or with 0 those of the environment.
Ort::SessionOptions session_options(const Model& model, int threads) {
  Ort::SessionOptions options;
  if (threads > 0) {
    options.SetIntraOpNumThreads(threads);
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  } else {
    options.DisablePerSessionThreads();
  }
  options.AddConfigEntry("session.use_env_allocators", "1");
  options.AddConfigEntry("session.model_external_initializers_file_folder_path",
                         model.files.front().parent_path().c_str());
  return options;
}

Ort::Session make_session(const std::string& content, const Model& model) {
  const Silence silence;
  const int threads = model.engine.threads;
  try {
    return {environment(), content.data(), content.size(), session_options(model, threads)};
  } catch (const Ort::Exception&) {
    // The library knows one environment a process: that of another user has no threads.
    if (threads > 0) throw;
    return {environment(), content.data(), content.size(), session_options(model, cores())};
  }
}

class OnnxruntimeBackend : public Backend {
 public:
  explicit OnnxruntimeBackend(const Model& model) {
    const std::filesystem::path& file = model.files.front();
    const std::string content = read_onnx(file);
    try {
      session_ = std::make_shared<Ort::Session>(make_session(content, model));
      Ort::AllocatorWithDefaultOptions allocator;
      if (session_->GetInputCount() != 1) throw std::runtime_error("it takes more than one input");
      input_ = session_->GetInputNameAllocated(0, allocator).get();
      for (std::size_t i = 0; i < session_->GetOutputCount(); ++i)
        outputs_.emplace_back(session_->GetOutputNameAllocated(i, allocator).get());
#ifdef __GLIBC__
      malloc_trim(0);  // what reading took, three times the file
#endif
    } catch (const std::exception& error) {
      throw Error(ErrorCode::Read, file.string() +
                                       " is not a network that ONNX Runtime can read (" +
                                       one_line(error.what()) + ")");
    }
  }

  std::vector<std::string> output_names() const override {
    return outputs_;
  }

  bool has_output(const std::string& name) const override {
    return std::find(outputs_.begin(), outputs_.end(), name) != outputs_.end();
  }

  void forward(const cv::Mat& blob, const std::vector<std::string>& outputs,
               std::vector<cv::Mat>& results) override {
    const std::vector<std::int64_t> shape(blob.size.p, blob.size.p + blob.dims);
    const Ort::Value input = Ort::Value::CreateTensor<float>(
        memory_, const_cast<float*>(blob.ptr<float>()), blob.total(), shape.data(), shape.size());
    const char* const input_name = input_.c_str();
    std::vector<const char*> names;
    for (const std::string& name : outputs) names.push_back(name.c_str());
    try {
      values_ =
          session_->Run(options_for(shape), &input_name, &input, 1, names.data(), names.size());
    } catch (const Ort::Exception& error) {
      throw std::runtime_error(one_line(error.what()));
    }
    results.clear();
    for (Ort::Value& value : values_) results.push_back(matrix_of(value));
  }

  std::unique_ptr<Backend> twin() const override {
    auto other = std::make_unique<OnnxruntimeBackend>();
    other->session_ = session_;
    other->input_ = input_;
    other->outputs_ = outputs_;
    return other;
  }

  OnnxruntimeBackend() = default;

 private:
  /// The first run of a shape takes memory piece by piece, the next ones know how much: one block.
  Ort::RunOptions options_for(const std::vector<std::int64_t>& shape) {
    Ort::RunOptions options;
    if (shapes_.insert(shape).second)
      options.AddConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
    return options;
  }

  static cv::Mat matrix_of(Ort::Value& value) {
    const auto type = value.GetTensorTypeAndShapeInfo();
    if (type.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
      throw std::runtime_error("it returns other numbers than 32-bit floats");
    const std::vector<std::int64_t> shape = type.GetShape();
    return {std::vector<int>(shape.begin(), shape.end()), CV_32F,
            value.GetTensorMutableData<float>()};
  }

  std::shared_ptr<Ort::Session> session_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::string input_;
  std::set<std::vector<std::int64_t>> shapes_;  ///< that were run
  std::vector<std::string> outputs_;
  std::vector<Ort::Value> values_;  ///< of the last run
};

}  // namespace

bool is_onnxruntime_built() {
  return true;
}

std::unique_ptr<Backend> make_onnxruntime_backend(const Model& model) {
  return std::make_unique<OnnxruntimeBackend>(model);
}

}  // namespace facerec
