// SPDX-License-Identifier: LGPL-2.1-or-later

#include "chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace facerec {

namespace {

constexpr double kWidth = 640, kHeight = 480;
constexpr double kLeft = 70, kRight = 20, kTop = 40, kBottom = 60;
constexpr double kLeastRate = 1e-4;

struct Axis {
  std::string label;
  double low = 0;
  double high = 1;
  bool logarithmic = false;

  double part(double value) const {  // 0..1 along the axis
    const auto scale = [&](double v) { return logarithmic ? std::log10(std::max(v, low)) : v; };
    return std::clamp((scale(value) - scale(low)) / (scale(high) - scale(low)), 0.0, 1.0);
  }

  std::vector<double> ticks() const {
    std::vector<double> values;
    if (logarithmic) {
      for (double value = low; value <= high * 1.001; value *= 10) values.push_back(value);
    } else {
      for (int i = 0; i <= 5; ++i) values.push_back(low + (high - low) * i / 5);
    }
    return values;
  }
};

struct Series {
  std::string name;
  std::string colour;
  std::vector<cv::Point2d> points;
};

template <typename... Values>
std::string text(const char* format, Values... values) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

std::string escaped(const std::string& plain) {
  std::string safe;
  for (const char c : plain) {
    safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  return safe;
}

/// How a document of that size begins.
std::string head(double width, double height, const std::string& title) {
  return text(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" "
             "font-family=\"sans-serif\" font-size=\"13\">\n"
             "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
             "<text x=\"%g\" y=\"24\" font-size=\"16\" text-anchor=\"middle\">",
             width, height, width / 2) +
         escaped(title) + "</text>\n";
}

std::string chart(const std::string& title, const Axis& x, const Axis& y,
                  const std::vector<Series>& series) {
  const double across = kWidth - kLeft - kRight, down = kHeight - kTop - kBottom;
  const auto px = [&](double value) { return kLeft + x.part(value) * across; };
  const auto py = [&](double value) { return kTop + (1 - y.part(value)) * down; };
  std::string svg = head(kWidth, kHeight, title);
  for (double value : x.ticks())
    svg += text(
        "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%.1f\" "
        "text-anchor=\"middle\">%.3g</text>\n",
        px(value), kTop, kTop + down, px(value), kTop + down + 18, value);
  for (double value : y.ticks())
    svg += text(
        "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%.1f\" "
        "text-anchor=\"end\">%.3g</text>\n",
        kLeft, py(value), kLeft + across, kLeft - 8, py(value) + 4, value);
  svg += text("<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", kLeft + across / 2,
              kHeight - 14, x.label.c_str());
  svg += text(
      "<text x=\"18\" y=\"%g\" text-anchor=\"middle\" transform=\"rotate(-90 18 %g)\">%s</text>\n",
      kTop + down / 2, kTop + down / 2, y.label.c_str());
  double legend = kTop + 18;
  for (const Series& line : series) {
    std::string path;
    for (const cv::Point2d& point : line.points)
      path += text("%s%.1f %.1f", path.empty() ? "M" : "L", px(point.x), py(point.y));
    svg += "<path d=\"" + path + "\" fill=\"none\" stroke-width=\"2\" stroke=\"" + line.colour +
           "\"/>\n";
    svg += text("<text x=\"%g\" y=\"%g\" text-anchor=\"end\" fill=\"%s\">%s</text>\n",
                kLeft + across - 8, legend, line.colour.c_str(), line.name.c_str());
    legend += 18;
  }
  return svg + "</svg>\n";
}

Series histogram(const std::string& name, const std::string& colour,
                 const std::vector<PairDistance>& pairs, bool same, double low, double high) {
  constexpr int kBins = 50;
  std::vector<int> bins(kBins);
  int total = 0;
  for (const PairDistance& pair : pairs) {
    if (pair.same != same || !std::isfinite(pair.distance)) continue;
    const int bin = static_cast<int>((pair.distance - low) / (high - low) * kBins);
    ++bins[std::clamp(bin, 0, kBins - 1)];
    ++total;
  }
  Series series{name, colour, {}};
  for (int i = 0; i < kBins; ++i) {
    const double share = total ? static_cast<double>(bins[i]) / total : 0;
    series.points.emplace_back(low + (high - low) * i / kBins, share);
    series.points.emplace_back(low + (high - low) * (i + 1) / kBins, share);
  }
  return series;
}

const char* const kColours[] = {"#1f6fb4", "#2a9d3c", "#c0392b", "#8e5bb5", "#555"};

/// The groups in the order in which they come.
std::vector<std::string> groups_of(const std::vector<Bar>& bars) {
  std::vector<std::string> groups;
  for (const Bar& bar : bars) {
    if (std::find(groups.begin(), groups.end(), bar.group) == groups.end()) {
      groups.push_back(bar.group);
    }
  }
  return groups;
}

}  // namespace

std::string roc_chart(const std::vector<RocPoint>& curve) {
  Series line{"", "#1f6fb4", {}};
  for (const RocPoint& point : curve)
    line.points.emplace_back(point.false_accept_rate, point.true_accept_rate);
  return chart("Receiver operating characteristic", {"false accept rate", kLeastRate, 1, true},
               {"true accept rate", 0, 1, false}, {line});
}

std::string distance_chart(const std::vector<PairDistance>& pairs, double threshold) {
  double low = threshold, high = threshold;
  for (const PairDistance& pair : pairs) {
    if (!std::isfinite(pair.distance)) continue;
    low = std::min(low, pair.distance);
    high = std::max(high, pair.distance);
  }
  if (high <= low) high = low + 1;
  std::vector<Series> series{
      histogram("one person", "#2a9d3c", pairs, true, low, high),
      histogram("two people", "#c0392b", pairs, false, low, high),
  };
  double top = 0;
  for (const Series& line : series)
    for (const cv::Point2d& point : line.points) top = std::max(top, point.y);
  if (top <= 0) top = 1;
  series.push_back({text("threshold %.4g", threshold), "#555", {{threshold, 0}, {threshold, top}}});
  return chart("Distances", {"distance", low, high, false}, {"share of pairs", 0, top, false},
               series);
}

std::string precision_recall_chart(const std::vector<PrecisionRecall>& curve) {
  Series line{"", "#1f6fb4", {}};
  for (const PrecisionRecall& point : curve)
    line.points.emplace_back(point.recall, point.precision);
  return chart("Precision and recall", {"recall", 0, 1, false}, {"precision", 0, 1, false}, {line});
}

std::string bar_chart(const std::string& title, const std::string& unit,
                      const std::vector<Bar>& bars) {
  constexpr double kNames = 170, kNumbers = 60, kStep = 20, kThick = 14;
  const std::vector<std::string> groups = groups_of(bars);
  const auto colour_of = [&](const std::string& group) {
    const auto place = std::find(groups.begin(), groups.end(), group) - groups.begin();
    return kColours[static_cast<std::size_t>(place) % std::size(kColours)];
  };
  double longest = 0;
  for (const Bar& bar : bars) longest = std::max(longest, bar.value);
  const double scale = longest > 0 ? (kWidth - kNames - kNumbers) / longest : 0;

  const double height = kTop + kStep * static_cast<double>(bars.size() + groups.size() + 1);
  std::string svg = head(kWidth, height, title);
  double y = kTop;
  for (const std::string& group : groups) {
    svg += text("<text x=\"%g\" y=\"%g\" fill=\"%s\">%s, %s</text>\n", kNames, y + kThick - 3,
                colour_of(group), escaped(group).c_str(), unit.c_str());
    y += kStep;
    for (const Bar& bar : bars) {
      if (bar.group != group) continue;
      svg += text("<text x=\"%g\" y=\"%g\" text-anchor=\"end\">", kNames - 8, y + kThick - 3) +
             escaped(bar.name) + "</text>";
      svg += text(
          "<rect x=\"%g\" y=\"%g\" width=\"%.1f\" height=\"%g\" fill=\"%s\"/>"
          "<text x=\"%.1f\" y=\"%g\">%s</text>\n",
          kNames, y, bar.value * scale, kThick, colour_of(group), kNames + bar.value * scale + 5,
          y + kThick - 3, text(bar.value < 100 ? "%.3g" : "%.0f", bar.value).c_str());
      y += kStep;
    }
  }
  return svg + "</svg>\n";
}

}  // namespace facerec
