// SPDX-License-Identifier: LGPL-2.1-or-later

// seeds FOLDER: writes FOLDER/TARGET/*, good inputs from which the fuzzer begins.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>

#include "index_people.h"
#include "match/gallery.h"

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

void write_gallery(const fs::path& folder) {
  const fs::path file = folder / "people.db";
  fs::create_directories(folder);
  fs::remove(file);
  {
    facerec::Gallery gallery(file, facerec::Gallery::Mode::Create);
    facerec::Template entry;
    entry.embedding = {"test", "f00d", {0.1F, 0.5F, -0.25F}, false};
    entry.source = "photo.jpg";
    gallery.enroll("Ada", entry);
    gallery.enroll("Bo", entry);
  }
  write(file, content(file) + '\0');  // what follows the file chooses, see gallery_fuzz.cpp
}

void write_index(const fs::path& folder) {
  const std::atomic<bool> never = false;
  fs::create_directories(folder);
  const fs::path file = folder.string() + ".db";
  fs::remove(file);
  const facerec::Matcher people = index_people(file);
  char number = 0;  // what follows the links chooses, see index_fuzz.cpp
  for (const std::string& kind : facerec::index_kinds()) {
    write(folder / kind, people.links_of(*people.build_index(kind, never)) + number++);
  }
}

void write_profiles(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(SOURCE_ROOT "/models")) {
    if (entry.path().extension() != ".json") continue;
    std::string text = content(entry.path());
    const std::string name = "\"" + entry.path().stem().string() + "\"";
    text.replace(text.find(name), name.size(), "\"p\"");
    write(folder / entry.path().filename(), text + std::string(60, '\0'));
  }
}

void write_images(const fs::path& folder) {
  cv::Mat picture(24, 32, CV_8UC3);
  cv::randu(picture, 0, 255);
  for (const char* kind : {"jpg", "png", "webp", "bmp", "tiff"}) {
    std::vector<unsigned char> bytes;
    cv::imencode(std::string(".") + kind, picture, bytes);
    write(folder / kind, {bytes.begin(), bytes.end()});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const fs::path folder = argv[1];
  write_gallery(folder / "gallery");
  write_index(folder / "index");
  write_profiles(folder / "profile");
  write_images(folder / "image");
  for (const char* target : {"decoding", "face_meta"})
    write(folder / target / "long", std::string(2000, '\x5a'));
  return 0;
}
