// SPDX-License-Identifier: LGPL-2.1-or-later

#include "template.h"

#include "../error.h"

namespace facerec {
namespace {

const std::vector<FaceTemplate>& all_templates() {
  static const std::vector<FaceTemplate> templates = {
      // The five-point template of 112 pixels that InsightFace's networks are trained on.
      {"arcface",
       {{{38.2946f / 112, 51.6963f / 112},
         {73.5318f / 112, 51.5014f / 112},
         {56.0252f / 112, 71.7366f / 112},
         {41.5493f / 112, 92.3655f / 112},
         {70.7299f / 112, 92.2041f / 112}}},
       {},
       {}},
      // OpenFace's mean face (align_dlib.py) scaled so that its 68 points fill 0..1 on both axes;
      // anchors are the outer corners of the eyes and the base of the nose. The five points are
      // the same mean face reduced as five_points() does.
      {"openface",
       {{{0.277371f, 0.167284f},
         {0.706148f, 0.159000f},
         {0.492094f, 0.422107f},
         {0.307110f, 0.641850f},
         {0.695414f, 0.634143f}}},
       {36, 45, 33},
       {{0.194157f, 0.169267f}, {0.788859f, 0.158171f}, {0.494951f, 0.514441f}}},
      // dlib's mean face (get_face_chip_details) with a quarter of its size around it. Anchors are
      // the corners of the eyes and the base of the nose, the points of its five-point predictor;
      // the five points come from its mean of 68.
      {"dlib",
       {{{0.316995f, 0.310660f},
         {0.669841f, 0.310660f},
         {0.493418f, 0.510417f},
         {0.336099f, 0.686822f},
         {0.650736f, 0.686822f}}},
       {36, 39, 42, 45, 33},
       {{0.247050f, 0.309152f},
        {0.389390f, 0.319376f},
        {0.597374f, 0.319312f},
        {0.739712f, 0.308999f},
        {0.493408f, 0.585198f}}},
      {"none", {}, {}, {}},
  };
  return templates;
}

}  // namespace

const FaceTemplate& find_template(const std::string& name) {
  for (const FaceTemplate& entry : all_templates()) {
    if (entry.name == name) return entry;
  }
  std::string known;
  for (const std::string& other : template_names()) known += (known.empty() ? "" : ", ") + other;
  throw Error(ErrorCode::Settings,
              "there is no alignment template '" + name + "'; use one of: " + known);
}

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const FaceTemplate& entry : all_templates()) names.push_back(entry.name);
  return names;
}

}  // namespace facerec
