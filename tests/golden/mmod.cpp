// SPDX-License-Identifier: LGPL-2.1-or-later

// Prints what dlib's max-margin network finds in a picture, a line each: left top width height and
// the raw score. The network's type is that of dlib's example dnn_mmod_face_detection_ex.cpp.
//
// Usage: mmod NETWORK.dat PICTURE.bmp

#include <dlib/dnn.h>
#include <dlib/image_io.h>
#include <dlib/image_processing.h>

#include <iostream>

template <long filters, typename Below>
using Halve = dlib::con<filters, 5, 5, 2, 2, Below>;
template <long filters, typename Below>
using Keep = dlib::con<filters, 5, 5, 1, 1, Below>;
template <typename Below>
using Smaller = dlib::relu<dlib::affine<
    Halve<32, dlib::relu<dlib::affine<Halve<32, dlib::relu<dlib::affine<Halve<16, Below>>>>>>>>>;
template <typename Below>
using Features = dlib::relu<dlib::affine<Keep<45, Below>>>;
using Network = dlib::loss_mmod<dlib::con<
    1, 9, 9, 1, 1,
    Features<Features<Features<Smaller<dlib::input_rgb_image_pyramid<dlib::pyramid_down<6>>>>>>>>;

int main(int count, char** arguments) {
  if (count != 3) return 1;
  Network network;
  dlib::deserialize(arguments[1]) >> network;
  dlib::matrix<dlib::rgb_pixel> picture;
  dlib::load_bmp(picture, arguments[2]);
  for (const dlib::mmod_rect& face : network(picture)) {
    std::cout << face.rect.left() << ' ' << face.rect.top() << ' ' << face.rect.width() << ' '
              << face.rect.height() << ' ' << face.detection_confidence << '\n';
  }
}
