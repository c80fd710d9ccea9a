// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "../error.h"
#include "../evaluate/chart.h"
#include "commands.h"
#include "contact_sheet.h"
#include "evaluate_boxes.h"
#include "labelled_embeddings.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace fs = std::filesystem;

namespace {

constexpr double false_accept_rates[] = {1e-1, 1e-2, 1e-3, 1e-4};
constexpr std::size_t worst_shown = 24;
constexpr int gallery_sizes[] = {10, 100, 1000};

bool has_folds(const std::vector<PairDistance>& pairs) {
  return std::any_of(pairs.begin(), pairs.end(),
                     [&](const PairDistance& pair) { return pair.fold != pairs[0].fold; });
}

Json to_json(const Proportion& p) {
  return {{"rate", p.rate}, {"low", p.low}, {"high", p.high}, {"hits", p.hits}, {"of", p.trials}};
}

/// Of a proportion as to_json gives it.
std::string interval(const Json& p) {
  return format(p["rate"]) + " (" + format(p["low"]) + " to " + format(p["high"]) + ")";
}

std::string scientific(double value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

/// The pairs that a threshold judges most wrongly, the worst first; pairs without a face before
/// all.
std::vector<std::size_t> worst_pairs(const std::vector<PairDistance>& distances, double threshold) {
  std::vector<std::pair<double, std::size_t>> wrong;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    const double excess = distances[i].distance - threshold;
    const double error = std::isnan(excess) ? INFINITY : distances[i].same ? excess : -excess;
    if (error > 0) wrong.emplace_back(error, i);
  }
  std::sort(wrong.rbegin(), wrong.rend());
  wrong.resize(std::min(wrong.size(), worst_shown));
  std::vector<std::size_t> worst;
  worst.reserve(wrong.size());
  for (const auto& [error, i] : wrong) worst.push_back(i);
  return worst;
}

/// Of the pairs in a result.
std::vector<SheetRow> rows_of(const Json& pairs) {
  std::vector<SheetRow> rows;
  for (const Json& pair : pairs) {
    const Json& distance = pair["distance"];
    rows.push_back({pair["image_a"].get<std::string>(), pair["image_b"].get<std::string>(),
                    std::string(pair["same"].get<bool>() ? "one person, " : "two people, ") +
                        (distance.is_null() ? "no face" : format(distance))});
  }
  return rows;
}

void write_report(const fs::path& folder, const Json& result,
                  const std::vector<PairDistance>& distances) {
  const Json& worst = result["worst_pairs"];
  make_folder(folder);
  write_text(folder / "roc.svg", roc_chart(roc_curve(distances)));
  write_text(folder / "distances.svg", distance_chart(distances, worst["threshold"]));
  write_text(folder / "result.json", text_of(result));
  write_contact_sheet(folder / "worst.png", rows_of(worst["pairs"]));
}

Json result_of(const Recognizer& recognizer, Metric metric, const std::vector<LabelledPair>& pairs,
               const std::vector<PairDistance>& distances, std::size_t failures, double threshold) {
  const std::vector<RocPoint> curve = roc_curve(distances);
  Json result{{"recognizer", cli::to_json(recognizer)},
              {"metric", to_string(metric)},
              {"pairs", distances.size()},
              {"without_face", failures},
              {"area_under_curve", area_under_curve(curve)},
              {"equal_error_rate", equal_error_rate(curve)}};
  if (has_folds(distances)) {
    const FoldAccuracy accuracy = fold_accuracy(distances);
    result["accuracy"] = {{"mean", accuracy.mean},
                          {"deviation", accuracy.deviation},
                          {"folds", accuracy.folds},
                          {"thresholds", accuracy.thresholds}};
  }
  if (!std::isnan(threshold)) {
    const AcceptRates rates = rates_at(distances, threshold);
    result["at_threshold"] = {{"threshold", threshold},
                              {"accuracy", to_json(accuracy_at(distances, threshold))},
                              {"false_accepts", to_json(rates.false_accepts)},
                              {"true_accepts", to_json(rates.true_accepts)}};
  }
  for (const double rate : false_accept_rates) {
    const Operating point = operating_point(distances, rate);
    Json entry{{"false_accept_rate", rate}, {"too_few_pairs", !point.is_told()}};
    if (point.is_told()) {
      entry["threshold"] = point.threshold;
      entry["false_accepts"] = to_json(point.rates.false_accepts);
      entry["true_accepts"] = to_json(point.rates.true_accepts);
    }
    result["operating_points"].push_back(std::move(entry));
  }
  const double judged_at = std::isnan(threshold) ? best_threshold(distances) : threshold;
  Json& worst = result["worst_pairs"] = {{"threshold", judged_at}, {"pairs", Json::array()}};
  for (const std::size_t i : worst_pairs(distances, judged_at)) {
    const double distance = distances[i].distance;
    worst["pairs"].push_back({{"image_a", pairs[i].a.string()},
                              {"image_b", pairs[i].b.string()},
                              {"same", pairs[i].same},
                              {"distance", std::isnan(distance) ? Json() : Json(distance)}});
  }
  return result;
}

/// At the thresholds that facematch and find take in galleries of so many people, with one template
/// each.
Json in_galleries(const DecisionOptions& options, const Profile& profile,
                  const std::vector<PairDistance>& distances) {
  Json result = Json::array();
  for (const int people : gallery_sizes) {
    const double threshold =
        Decision({options.metric, 0, options.false_name_rate}, {people, {}}, {}, &profile)
            .threshold();
    result.push_back({{"people", people},
                      {"false_name_rate", options.false_name_rate},
                      {"threshold", threshold},
                      {"true_accepts", to_json(rates_at(distances, threshold).true_accepts)}});
  }
  return result;
}

void print_result(const Json& result) {
  std::cout << result["pairs"] << " pairs, " << result["without_face"]
            << " without a face in a picture\n";
  if (result.contains("accuracy")) {
    const Json& accuracy = result["accuracy"];
    std::cout << "accuracy by folds    " << format(accuracy["mean"]) << " +- "
              << format(accuracy["deviation"]) << " (" << accuracy["folds"].size() << " folds)\n";
  }
  if (result.contains("at_threshold")) {
    const Json& at = result["at_threshold"];
    std::cout << "at the threshold     " << format(at["threshold"]) << '\n'
              << "  accuracy           " << interval(at["accuracy"]) << '\n'
              << "  false accept rate  " << interval(at["false_accepts"]) << '\n'
              << "  true accept rate   " << interval(at["true_accepts"]) << '\n';
  }
  std::cout << "area under curve     " << format(result["area_under_curve"]) << '\n'
            << "equal error rate     " << format(result["equal_error_rate"]) << "\n\n";
  std::vector<std::vector<std::string>> rows{
      {"FALSE ACCEPT RATE", "THRESHOLD", "TRUE ACCEPT RATE (95 %)"}};
  for (const Json& point : result["operating_points"]) {
    const bool told = !point["too_few_pairs"].get<bool>();
    rows.push_back({scientific(point["false_accept_rate"]), told ? format(point["threshold"]) : "-",
                    told ? interval(point["true_accepts"]) : "too few pairs to tell"});
  }
  print_table(rows);
  if (!result.contains("galleries")) return;
  rows = {{"PEOPLE ENROLLED", "THRESHOLD", "TRUE ACCEPT RATE (95 %)"}};
  for (const Json& gallery : result["galleries"]) {
    rows.push_back({std::to_string(gallery["people"].get<int>()), format(gallery["threshold"]),
                    interval(gallery["true_accepts"])});
  }
  std::cout << "\nat a false name rate of " << result["galleries"][0]["false_name_rate"] << ":\n";
  print_table(rows);
}

/// The threshold that was given or the model's; NaN where neither is known.
double known_threshold(const DecisionOptions& options, const Profile& profile) {
  try {
    return pair_threshold(options, profile);
  } catch (const Error&) {
    return NAN;
  }
}

}  // namespace

int run_evaluate(int argc, char** argv) {
  bool json = false;
  bool skip_failures = false;
  std::string boxes, images, report;
  int folds = 10;
  RecognizerOptions options;
  DecisionOptions decision;
  Parser parser(
      "evaluate PAIRS",
      "Tells how well people are recognised on labelled pairs: a CSV file with the columns\n"
      "fold,image_a,image_b,same, LFW's pairs.txt, or a folder with a folder of pictures for\n"
      "each person. A picture without a face counts as an error. With --boxes FILE instead of\n"
      "PAIRS it tells how well faces are detected: a CSV file with image,x,y,width,height;\n"
      "--detector all compares all that are present.");
  parser.text("boxes", "FILE", "evaluate the detector on these boxes", boxes);
  parser.text("images", "FOLDER", "where the pictures are (images beside the file)", images);
  parser.integer("folds", "parts of a folder of people (10)", 2, 100, folds);
  parser.flag("skip-failures", "leave out pairs of pictures without a face", skip_failures);
  parser.text("report", "FOLDER", "write charts, the worst pairs and the result there", report);
  add_recognizer_options(parser, options);
  add_decision_options(parser, decision);
  add_false_name_rate_option(parser, decision);
  add_json_option(parser, json);
  const auto operands = parser.parse(argc, argv, 0, 1);
  if (operands.empty() == boxes.empty()) parser.fail("give either PAIRS or --boxes FILE");
  if (!boxes.empty()) return evaluate_boxes({boxes, images, report, json}, options);

  const std::vector<LabelledPair> all = read_pairs(operands[0], images, folds);
  Recognizer recognizer(options);
  const Embeddings embeddings = represent(recognizer, all);
  std::vector<LabelledPair> pairs = all;
  const auto failed = [&](const LabelledPair& pair) {
    return !embeddings.at(pair.a) || !embeddings.at(pair.b);
  };
  const auto failures = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), failed));
  if (skip_failures) {
    pairs.erase(std::remove_if(pairs.begin(), pairs.end(), failed), pairs.end());
  }

  const std::vector<PairDistance> distances = compare(pairs, embeddings, decision.metric);
  const double threshold = known_threshold(decision, recognizer.profile());
  Json result = result_of(recognizer, decision.metric, pairs, distances, failures, threshold);
  if (!std::isnan(known_threshold({decision.metric}, recognizer.profile()))) {
    result["galleries"] = in_galleries(decision, recognizer.profile(), distances);
  }
  if (!report.empty()) write_report(report, result, distances);
  if (json) {
    print(result);
  } else {
    print_result(result);
    if (!report.empty()) std::cout << "\ncharts and the worst pairs are in " << report << '\n';
  }
  return exit_yes;
}

}  // namespace facerec::cli
