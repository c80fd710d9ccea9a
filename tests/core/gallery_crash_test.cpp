// SPDX-License-Identifier: LGPL-2.1-or-later

// A process that enrolls, removes, copies and saves indexes is killed at random moments, a hundred
// times or as often as FACEREC_KILLS says.

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_copy.h"
#include "match/index_file.h"
#include "match/matcher.h"
#include "temporary_folder.h"

using namespace facerec;

namespace {

using Mode = Gallery::Mode;

constexpr int dimension = 16, most_people = 300;
constexpr std::atomic<bool> never = false;

/// What the process tells before and after it changes somebody.
struct Note {
  enum Kind : int { Enrolling, Enrolled, Removing, Removed, IndexSaved, Copied, Failed };
  Kind kind;
  int person;
};

std::string name_of(int person) {
  return "P" + std::to_string(person);
}

std::vector<float> values_of(int person) {
  std::minstd_rand random(person + 1);
  return random_values(random, dimension);
}

class GalleryCrashTest : public testing::Test {
 protected:
  /// Changes the gallery until it is killed.
  void work(int notes) {
    const auto tell = [&](Note::Kind kind, int person = 0) {
      const Note note{kind, person};
      if (write(notes, &note, sizeof note) != sizeof note) _exit(1);
    };
    try {
      for (std::set<int> people = present;;) {
        const auto chance = random() % 16;
        if (chance == 0 && !index_kinds().empty()) {
          save_index();
          tell(Note::IndexSaved);
        } else if (chance == 1) {
          Gallery to(copy, Mode::Create);
          copy_gallery(Gallery(file, Mode::ReadOnly), to);
          tell(Note::Copied);
        } else if (people.size() > most_people || (chance < 6 && !people.empty())) {
          const int person = *std::next(people.begin(), random() % people.size());
          tell(Note::Removing, person);
          Gallery(file, Mode::ReadWrite).remove(name_of(person));
          tell(Note::Removed, person);
          people.erase(person);
        } else {
          tell(Note::Enrolling, next);
          Gallery(file, Mode::Create).enroll(name_of(next), make_template(values_of(next)));
          tell(Note::Enrolled, next);
          people.insert(next++);
        }
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      tell(Note::Failed);
      pause();
    }
  }

  void save_index() const {
    const Gallery gallery(file, Mode::Create);
    const Matcher matcher(gallery, Metric::Cosine);
    if (matcher.template_count() == 0) return;
    const auto index = matcher.build_index(index_kinds().front(), never);
    facerec::save_index(index_path(), index_kinds().front(), matcher, matcher.links_of(*index));
  }

  std::filesystem::path index_path() const {
    return index_file(file, index_kinds().front(), Metric::Cosine);
  }

  void run_and_kill() {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      work(ends[1]);
    }
    close(ends[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    unknown.clear();
    for (Note note{}; read(ends[0], &note, sizeof note) == sizeof note;) {
      ++notes[note.kind];
      next = std::max(next, note.person + 1);
      if (note.kind == Note::Enrolling || note.kind == Note::Removing) unknown = {note.person};
      if (note.kind == Note::Enrolled) present.insert(note.person), unknown.clear();
      if (note.kind == Note::Removed) present.erase(note.person), unknown.clear();
    }
    close(ends[0]);
    ASSERT_EQ(notes[Note::Failed], 0);
  }

  /// The people of a gallery, each of whom has one sound template.
  static std::set<int> people_in(const std::filesystem::path& gallery) {
    std::set<int> people;
    Gallery(gallery, Mode::ReadOnly).visit([&](const std::string& name, const Template& entry) {
      const int person = std::stoi(name.substr(1));
      EXPECT_EQ(entry.embedding.values, values_of(person)) << name;
      EXPECT_TRUE(people.insert(person).second) << name;
    });
    return people;
  }

  static void check_pages(const std::filesystem::path& gallery) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(gallery.c_str(), &db), SQLITE_OK);
    const auto check = [](void*, int, char** columns, char**) {
      EXPECT_STREQ(columns[0], "ok");
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, "PRAGMA integrity_check", check, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  void check_people() {
    const std::set<int> found = people_in(file);
    std::set<int> differing;
    std::set_symmetric_difference(found.begin(), found.end(), present.begin(), present.end(),
                                  std::inserter(differing, differing.end()));
    for (const int person : differing) EXPECT_TRUE(unknown.count(person)) << name_of(person);
    present = found;
  }

  /// One that is taken finds who comparing with everybody finds.
  void check_index() {
    const Gallery gallery(file, Mode::ReadOnly);
    const auto exact = std::make_shared<const Matcher>(gallery, Metric::Cosine);
    std::shared_ptr<const Matcher> indexed;
    try {
      const std::string links = read_index(index_path(), index_kinds().front(), *exact, gallery);
      const auto index = exact->load_index(index_kinds().front(), links, never);
      indexed = exact->with_index(index, index_kinds().front(), 0.99);
    } catch (const Error& error) {
      const bool none = error.code() == ErrorCode::NotFound || error.code() == ErrorCode::Read;
      EXPECT_TRUE(none) << error.what();
      return;
    }
    ++indexes_taken;
    for (int i = 0; i < 20; ++i) {
      const Embedding probe{"test", "f00d", values_of(-2 - i), false};
      EXPECT_EQ(indexed->nearest(probe, 1).at(0).name, exact->nearest(probe, 1).at(0).name);
    }
  }

  TemporaryFolder folder;
  const std::filesystem::path file = folder / "people.db", copy = folder / "copy.db";
  std::minstd_rand random{7};
  std::set<int> present, unknown;
  int next = 0, indexes_taken = 0;
  std::map<Note::Kind, int> notes;
};

TEST_F(GalleryCrashTest, LosesNothingThatWasAcknowledged) {
  const char* asked = std::getenv("FACEREC_KILLS");
  const int kills = asked ? std::atoi(asked) : 100;
  { const Gallery empty(file, Mode::Create); }
  for (int i = 0; i < kills; ++i) {
    run_and_kill();
    check_people();
    check_pages(file);
    { const Gallery also_where_its_making_was_cut_short(copy, Mode::Create); }
    check_pages(copy);
    people_in(copy);
    if (!index_kinds().empty() && !present.empty()) check_index();
    if (HasFailure()) FAIL() << "after " << i + 1 << " times";
  }
  std::printf("%d kills: %d enrolled, %d removed, %d copies, %d indexes saved, %d taken\n", kills,
              notes[Note::Enrolled], notes[Note::Removed], notes[Note::Copied],
              notes[Note::IndexSaved], indexes_taken);
  EXPECT_GT(notes[Note::Enrolled], kills / 4);
  EXPECT_GT(notes[Note::Removed], kills / 8);
  EXPECT_GT(notes[Note::Copied], 0);
  EXPECT_TRUE(indexes_taken > 0 || index_kinds().empty());
}

}  // namespace
