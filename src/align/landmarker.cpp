#include "landmarker.h"

#include "../error.h"
#include "methods.h"

namespace facerec {
namespace {

struct Method {
  const char* name;
  std::unique_ptr<Landmarker> (*make)(const Model& model);
};

constexpr Method methods[] = {
    {"landmarks68", make_landmarks68},
    {"landmarks5", make_landmarks5},
    {"dlib-68", make_dlib68},
    {"dlib-5", make_dlib5},
    {"eyes", make_eyes},
};

}  // namespace

std::unique_ptr<Landmarker> make_landmarker(const Model& model) {
  const std::string& name = model.profile.method;
  std::string known;
  for (const Method& method : methods) {
    if (name == method.name) return method.make(model);
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  }
  throw Error(ErrorCode::Settings, "model '" + model.profile.name + "' asks for the landmarks '" +
                                       name + "', choose one of " + known);
}

}  // namespace facerec
