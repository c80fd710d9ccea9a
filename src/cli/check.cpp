// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <iostream>
#include <map>

#include "../error.h"
#include "../match/gallery_check.h"
#include "../store/gallery_name.h"
#include "../text.h"
#include "commands.h"
#include "contact_sheet.h"
#include "image.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace {

/// On a contact sheet.
constexpr std::size_t most_pairs = 200;

struct Chapter {
  GalleryFlaw flaw;
  const char* title;
  const char* remedy;
};

constexpr Chapter chapters[] = {
    {GalleryFlaw::NearerToAnother,
     "nearer to another person than to every other photo of their own",
     "See who is in them. Where it is the other person, `facerec remove` who has the photo and "
     "`facerec enroll` each photo under the right name."},
    {GalleryFlaw::UnlikeOwn, "unlike their person's other photos",
     "See who is in them. Where it is somebody else or the face hardly shows, `facerec remove` the "
     "person and `facerec enroll` the other photos anew."},
    {GalleryFlaw::Repeated, "enrolled twice",
     "They tell nothing new and take memory and time. To be rid of them, `facerec remove` the "
     "person and `facerec enroll` each photo once."},
    {GalleryFlaw::TwoNames, "so alike that two names may be one person's",
     "First put right what is listed above. Where it still is one person, `facerec remove` one of "
     "the names and `facerec enroll` its photos under the other; where it is two, `facerec find` "
     "with a lower --false-name-rate tells them apart more surely."},
    {GalleryFlaw::BadShot, "bad shots",
     "`facerec enroll` larger, sharper photos of these people that show them from the front."},
};

std::string describe(const TemplateOrigin& photo) {
  return photo.person + " (template " + std::to_string(photo.id) + ", '" + photo.source + "')";
}

std::string describe(const GalleryFinding& finding) {
  const std::string photo = describe(finding.photo), value = format(finding.value);
  switch (finding.flaw) {
    case GalleryFlaw::NearerToAnother:
      return photo + ": " + value + " to " + describe(finding.other) + ", " +
             format(finding.limit) + " to the nearest of " + finding.photo.person;
    case GalleryFlaw::UnlikeOwn:
      return photo + ": " + value + " to the nearest, " + describe(finding.other) + "; threshold " +
             format(finding.limit);
    case GalleryFlaw::Repeated:
      return photo + ": " + number(finding.value) + " to " + describe(finding.other) +
             "; noise is up to " + number(finding.limit);
    case GalleryFlaw::TwoNames:
      return photo + ": " + value + " to " + describe(finding.other) + "; threshold " +
             format(finding.limit) + ", false name rate " + number(finding.false_name_rate);
    case GalleryFlaw::BadShot:
      return photo + ": " +
             describe_lack(ShotLack{finding.reason, static_cast<float>(finding.value),
                                    static_cast<float>(finding.limit)});
  }
  return "";
}

void print_text(const GalleryFindings& findings, const std::string& file, Metric metric) {
  for (const Chapter& chapter : chapters) {
    std::string lines;
    std::size_t count = 0;
    for (const GalleryFinding& finding : findings.found) {
      if (finding.flaw != chapter.flaw) continue;
      lines += "  " + presentable(describe(finding)) + '\n';
      ++count;
    }
    if (count == 0) continue;
    std::cout << chapter.title << " (" << count << "):\n" << lines << chapter.remedy << "\n\n";
  }
  std::cout << (findings.found.empty() ? "nothing" : std::to_string(findings.found.size()))
            << " found in '" << without_password(file) << "', " << findings.templates
            << " templates of " << findings.people << " people";
  if (findings.people > 0) {
    std::cout << " (" << to_string(metric) << ", threshold of a pair "
              << format(findings.pair_threshold) << ", of a name "
              << format(findings.name_threshold) << ')';
  }
  std::cout << '\n';
}

Json to_json(const TemplateOrigin& photo) {
  return {{"id", photo.id},
          {"person_id", photo.person_id},
          {"name", photo.person},
          {"source", photo.source}};
}

Json to_json(const GalleryFinding& finding) {
  Json entry{{"kind", to_string(finding.flaw)}, {"template", to_json(finding.photo)}};
  if (finding.flaw == GalleryFlaw::BadShot) {
    entry["reason"] = to_string(finding.reason);
    entry["value"] = finding.value;
    entry["limit"] = finding.limit;
    return entry;
  }
  entry["other"] = to_json(finding.other);
  entry["distance"] = finding.value;
  const bool of_own = finding.flaw == GalleryFlaw::NearerToAnother;
  entry[of_own ? "own_distance" : "threshold"] = finding.limit;
  if (finding.flaw == GalleryFlaw::TwoNames) entry["false_name_rate"] = finding.false_name_rate;
  return entry;
}

void write_sheet(const std::string& file, const std::vector<GalleryFinding>& findings) {
  std::map<std::string, bool> known;
  const auto is_readable = [&](const std::string& source) {
    const auto [entry, is_new] = known.try_emplace(source, true);
    if (!is_new) return entry->second;
    try {
      read_image(source);
    } catch (const Error& error) {
      std::cerr << "not on the sheet: " << presentable(error.what()) << '\n';
      entry->second = false;
    }
    return entry->second;
  };

  std::vector<SheetRow> rows;
  for (const GalleryFinding& finding : findings) {
    if (finding.other.id == 0) continue;
    if (rows.size() == most_pairs) {
      std::cerr << "the sheet shows the first " << most_pairs << " pairs\n";
      break;
    }
    const bool first = is_readable(finding.photo.source),
               second = is_readable(finding.other.source);
    if (!first || !second) continue;
    rows.push_back({finding.photo.source, finding.other.source,
                    std::to_string(finding.photo.id) + ", " + std::to_string(finding.other.id) +
                        ": " + to_string(finding.flaw) + ' ' + format(finding.value)});
  }
  write_contact_sheet(file, rows);
}

}  // namespace

int run_check(int argc, char** argv) {
  std::string file, sheet;
  TrackDecisionOptions options;
  bool json = false;
  Parser parser("check --gallery FILE",
                "Looks for photos under the wrong name, photos enrolled twice, people with two "
                "names and bad shots.\n"
                "The exit code is 0 where nothing was found, 1 where something was.");
  add_gallery_option(parser, file);
  parser.text("sheet", "FILE.png", "write the pairs in question side by side", sheet);
  add_decision_options(parser, options.decision);
  add_false_name_rate_option(parser, options.decision);
  add_json_option(parser, json);
  parser.parse(argc, argv, 0, 0);
  parser.require("gallery", file);

  const GalleryFindings findings = check_gallery(Gallery(file, Gallery::Mode::ReadOnly), options);
  if (!findings.caution.empty()) std::cerr << findings.caution << '\n';
  if (!sheet.empty()) write_sheet(sheet, findings.found);
  if (json) {
    Json document{{"gallery", without_password(file)},
                  {"metric", to_string(options.decision.metric)},
                  {"people", findings.people},
                  {"templates", findings.templates},
                  {"pair_threshold", findings.pair_threshold},
                  {"name_threshold", findings.name_threshold},
                  {"findings", Json::array()}};
    for (const GalleryFinding& finding : findings.found) {
      document["findings"].push_back(to_json(finding));
    }
    print(document);
  } else {
    print_text(findings, file, options.decision.metric);
  }
  return findings.found.empty() ? exit_yes : exit_no;
}

}  // namespace facerec::cli
