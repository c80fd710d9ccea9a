// SPDX-License-Identifier: LGPL-2.1-or-later

#include "opencv_backend.h"

#include <opencv2/dnn.hpp>
#include <stdexcept>

#include "opencv_importer.h"

namespace facerec {
namespace {

/// One cv::dnn::Net for all shapes: each further one would copy the weights. Where the shape
/// changes it plans its memory anew, which took .03 (MTCNN's) to 3.4 ms (YuNet) of the networks
/// that see changing ones.
class OpencvBackend : public Backend {
 public:
  explicit OpencvBackend(const Model& model) : net_(import_network(model.files)) {
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  }

  std::vector<std::string> output_names() const override {
    return net_.getUnconnectedOutLayersNames();
  }

  bool has_output(const std::string& name) const override { return net_.getLayerId(name) >= 0; }

  void forward(const cv::Mat& blob, const std::vector<std::string>& outputs,
               std::vector<cv::Mat>& results) override {
    try {
      net_.setInput(blob);
      net_.forward(results, outputs);
    } catch (const cv::Exception& error) {
      throw std::runtime_error(explain(error));
    }
  }

 private:
  cv::dnn::Net net_;
};

}  // namespace

std::unique_ptr<Backend> make_opencv_backend(const Model& model) {
  return std::make_unique<OpencvBackend>(model);
}

}  // namespace facerec
