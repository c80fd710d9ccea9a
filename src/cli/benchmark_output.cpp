// SPDX-License-Identifier: LGPL-2.1-or-later

#include "benchmark_output.h"

#include <sys/utsname.h>

#include <fstream>
#include <sstream>

namespace facerec::cli {

std::string processor() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  utsname machine{};
  return uname(&machine) == 0 ? machine.machine : "unknown processor";
}

std::string rounded(double value) {
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  std::ostringstream stream;
  stream.precision(decimals);
  stream << std::fixed << value;
  return stream.str();
}

}  // namespace facerec::cli
