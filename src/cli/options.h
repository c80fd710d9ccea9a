// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>

#include "../match/decision.h"
#include "../pipeline.h"
#include "parser.h"
#include "probe.h"

namespace facerec::cli {

/// Exit codes of commands that answer a question.
constexpr int exit_yes = 0;
constexpr int exit_no = 1;
constexpr int exit_error = 2;

/// --gallery, which then has the key of --key-file
void add_gallery_option(
    Parser& parser, std::string& gallery,
    const std::string& help = "the gallery of enrolled people, a file or a URI");
/// An option that names a key file; says on standard error where others may read that.
void add_key_file_option(Parser& parser, const std::string& name, const std::string& help,
                         const std::function<void(const std::string&)>& take);
/// --json
void add_json_option(Parser& parser, bool& json);
/// --detector, --landmarks, --model, --template, --input-size, --colour, --scale, --mean, --output,
/// --engine, --threads, --mask, --confidence, --detect-size, --tiles, --min-size
void add_recognizer_options(Parser& parser, RecognizerOptions& options);
/// Lets --model auto mean the model that a gallery's people were enrolled with.
void prefer_model_of(const Gallery& gallery, RecognizerOptions& options);
/// --metric
void add_metric_option(Parser& parser, Metric& metric);
/// --face, --at
void add_face_options(Parser& parser, FaceChoice& choice);
/// --metric, --threshold
void add_decision_options(Parser& parser, DecisionOptions& options);
/// --false-name-rate
void add_false_name_rate_option(Parser& parser, DecisionOptions& options);

}  // namespace facerec::cli
