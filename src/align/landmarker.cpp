#include "landmarker.h"

#include "../error.h"
#include "methods.h"

namespace facerec {

std::unique_ptr<Landmarker> make_landmarker(const Model& model) {
  const std::string& method = model.profile.method;
  if (method == "landmarks68") return make_landmarks68(model);
  if (method == "eyes") return make_eyes(model);
  throw Error(ErrorCode::Settings, "the profile '" + model.profile.name +
                                       "' asks for the method '" + method +
                                       "' to find landmarks; use landmarks68 or eyes");
}

}  // namespace facerec
