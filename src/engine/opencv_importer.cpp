// SPDX-License-Identifier: LGPL-2.1-or-later

#include "opencv_importer.h"

#include <algorithm>
#include <functional>
#include <string>

#include "../error.h"

namespace facerec {
namespace {

namespace fs = std::filesystem;

enum class Configuration { None, Optional, Required };

struct Format {
  const char* extension;
  Configuration configuration;
  const char* configuration_extension;
  cv::dnn::Net (*read)(const std::string& network, const std::string& configuration);
};

const Format formats[] = {
    {".t7", Configuration::None, "",
     [](const std::string& network, const std::string&) {
       return cv::dnn::readNetFromTorch(network);
     }},
    {".net", Configuration::None, "",
     [](const std::string& network, const std::string&) {
       return cv::dnn::readNetFromTorch(network);
     }},
    {".onnx", Configuration::None, "",
     [](const std::string& network, const std::string&) {
       return cv::dnn::readNetFromONNX(network);
     }},
    {".caffemodel", Configuration::Required, ".prototxt",
     [](const std::string& network, const std::string& configuration) {
       return cv::dnn::readNetFromCaffe(configuration, network);
     }},
    {".pb", Configuration::Optional, ".pbtxt",
     [](const std::string& network, const std::string& configuration) {
       return cv::dnn::readNetFromTensorflow(network, configuration);
     }},
    {".weights", Configuration::Required, ".cfg",
     [](const std::string& network, const std::string& configuration) {
       return cv::dnn::readNetFromDarknet(configuration, network);
     }},
};

const Format& format_of(const fs::path& network) {
  std::string known;
  for (const Format& format : formats) {
    if (network.extension() == format.extension) return format;
    known += (known.empty() ? "" : ", ") + std::string(format.extension);
  }
  throw Error(ErrorCode::Settings, network.string() + " is of no known kind: pass a network with " +
                                       "one of the extensions " + known);
}

}  // namespace

std::string explain(const cv::Exception& error) {
  std::string text = error.err.empty() ? error.what() : error.err;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

cv::dnn::Net import_network(const std::vector<fs::path>& files) {
  const fs::path& network = files.at(0);
  const Format& format = format_of(network);
  const std::string configuration = files.size() > 1 ? files[1].string() : "";
  if (format.configuration == Configuration::Required && configuration.empty()) {
    throw Error(ErrorCode::Settings, network.string() + " needs its configuration: put a file " +
                                         network.stem().string() + format.configuration_extension +
                                         " beside it");
  }
  for (const fs::path& file : files) {
    if (fs::is_empty(file)) throw Error(ErrorCode::Read, file.string() + " is empty");
  }
  std::string reason = "it holds no layers";
  try {
    cv::dnn::Net net = format.read(network.string(), configuration);
    if (!net.empty()) return net;
  } catch (const cv::Exception& error) {
    reason = explain(error);
  } catch (const std::exception& error) {
    reason = error.what();
  }
  throw Error(ErrorCode::Read,
              network.string() + " is not a network that OpenCV can read (" + reason + ")");
}

}  // namespace facerec
