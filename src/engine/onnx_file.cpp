// SPDX-License-Identifier: LGPL-2.1-or-later

#include "onnx_file.h"

#include <onnx/onnx_pb.h>

#include <fstream>
#include <set>

#include "../error.h"

namespace facerec {
namespace {

constexpr int channels = 1;  // of batch, channels, rows, columns

/// Names the sides that have numbers, but for `kept`, which none means with -1.
void open_shape(onnx::ValueInfoProto& value, int kept) {
  onnx::TensorShapeProto& shape = *value.mutable_type()->mutable_tensor_type()->mutable_shape();
  for (int side = 0; side < shape.dim_size(); ++side) {
    if (side != kept && shape.dim(side).has_dim_value())
      shape.mutable_dim(side)->set_dim_param(value.name() + " " + std::to_string(side));
  }
}

}  // namespace

std::string read_onnx(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&stream) || model.graph().node_size() == 0) {
    throw Error(ErrorCode::Read, file.string() +
                                     " is not a network that ONNX Runtime can read "
                                     "(it is no whole ONNX file)");
  }
  onnx::GraphProto& graph = *model.mutable_graph();
  std::set<std::string> weights;  // which old files list among the inputs
  for (const onnx::TensorProto& weight : graph.initializer()) weights.insert(weight.name());
  for (onnx::ValueInfoProto& input : *graph.mutable_input()) {
    if (weights.count(input.name()) == 0) open_shape(input, channels);
  }
  for (onnx::ValueInfoProto& output : *graph.mutable_output()) open_shape(output, -1);
  graph.clear_value_info();  // shapes inside, which follow from the inputs'
  return model.SerializeAsString();
}

}  // namespace facerec
