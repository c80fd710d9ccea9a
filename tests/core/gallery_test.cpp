// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/gallery.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <future>
#include <thread>

#include "gallery_fixtures.h"
#include "held_gallery.h"
#include "store/gallery_name.h"
#include "temporary_folder.h"

using namespace facerec;
using Mode = Gallery::Mode;

namespace {

void run_sql(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  char* problem = nullptr;
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &problem), SQLITE_OK) << problem;
  sqlite3_close(db);
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The rights of somebody who is not root, for whom file modes count.
class AsNobody {
 public:
  AsNobody() {
    if (geteuid() == 0) was_root_ = seteuid(65534) == 0;
  }
  ~AsNobody() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool was_root_ = false;
};

}  // namespace

class GalleryTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  const std::filesystem::path file = folder / "people.db";
};

TEST_F(GalleryTest, ManyAtOnceAreEnrolledAllOrNobody) {
  Gallery gallery(file, Mode::Create);
  const auto ada = gallery.enroll("Ada", make_template({1, 2}));
  gallery.enroll({{"Grace", {make_template({3, 4}), make_template({5, 6})}},
                  {"Ada", {make_template({7, 8})}}});
  EXPECT_EQ(gallery.people().size(), 2u);
  EXPECT_EQ(gallery.templates().at(3).person_id, ada);
  error_of(ErrorCode::Settings, [&] {
    gallery.enroll({{"Mary", {make_template({1, 1})}}, {"Nan", {make_template({NAN, 1})}}});
  });
  error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll({{"Mary", {make_template({1, 1})}}, {"Eve", {make_template({1, 1, 1})}}});
  });
  EXPECT_EQ(gallery.people().size(), 2u);
  EXPECT_EQ(gallery.templates().size(), 4u);
}

TEST_F(GalleryTest, KeepsWhatIsEnrolled) {
  auto entry = make_template({0.5f, -1.25f, 3e-30f});
  entry.embedding.unit_length = true;
  entry.quality = {40, 0.5f, -3, NAN};
  {
    Gallery gallery(file, Mode::Create);
    EXPECT_TRUE(gallery.model().name.empty());
    const auto ada = gallery.enroll("Ada", entry);
    EXPECT_EQ(gallery.enroll("Ada", make_template({1, 2, 3})), ada);
    EXPECT_NE(gallery.enroll("Élodie 周", make_template({1, 2, 3})), ada);
  }
  const Gallery gallery(file, Mode::ReadOnly);
  const auto people = gallery.people();
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].name, "Ada");
  EXPECT_EQ(people[0].template_count, 2);
  EXPECT_EQ(people[1].name, "Élodie 周");
  EXPECT_EQ(gallery.model().name, "test");
  EXPECT_EQ(gallery.model().fingerprint, "f00d");

  const auto templates = gallery.templates();
  ASSERT_EQ(templates.size(), 3u);
  EXPECT_EQ(templates[0].embedding.values, entry.embedding.values);
  EXPECT_TRUE(templates[0].embedding.unit_length);
  EXPECT_EQ(templates[0].embedding.model, "test");
  EXPECT_EQ(templates[0].person_id, people[0].id);
  EXPECT_EQ(templates[0].source, "photo.jpg");
  EXPECT_EQ(templates[0].time, 1700000000);
  EXPECT_FLOAT_EQ(templates[0].quality.roll, -3);
  EXPECT_TRUE(std::isnan(templates[0].quality.yaw));
}

TEST_F(GalleryTest, IsPrivateWithItsSideFiles) {
  const mode_t old = umask(0);
  Gallery gallery(file, Mode::Create);
  gallery.enroll("Ada", make_template({1, 2}));
  umask(old);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(stat((file.string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(GalleryTest, IsOneFileOnceItIsClosed) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
}

TEST_F(GalleryTest, RemovedPeopleLeaveNothing) {
  const std::vector<float> values(64, 0.123456f);
  Gallery gallery(file, Mode::Create);
  const auto ada = gallery.enroll("Ada", make_template(values));
  gallery.remove("Ada");
  EXPECT_TRUE(gallery.people().empty());
  EXPECT_TRUE(gallery.templates().empty());
  EXPECT_TRUE(gallery.model().fingerprint.empty());
  EXPECT_NE(gallery.enroll("Bo", make_template({1, 2}, "other", "beef")), ada)
      << "an id must not come to mean somebody else";

  const auto text = error_of(ErrorCode::NotFound, [&] { gallery.remove("Ada"); });
  EXPECT_TRUE(contains(text, "'Ada'") && contains(text, file.string())) << text;
}

TEST_F(GalleryTest, RemovedTemplatesAreOverwritten) {
  const std::vector<float> values(64, 0.123456f);
  {
    Gallery gallery(file, Mode::Create);
    gallery.enroll("Ada", make_template(values));
    gallery.remove("Ada");
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  const std::string needle(reinterpret_cast<const char*>(values.data()), 16);
  EXPECT_FALSE(contains(bytes, needle));
}

TEST_F(GalleryTest, RefusesTemplatesOfAnotherModel) {
  Gallery gallery(file, Mode::Create);
  gallery.enroll("Ada", make_template({1, 2}, "openface", "aaaa"));
  auto text = error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll("Bo", make_template({1, 2}, "sface", "bbbb"));
  });
  EXPECT_TRUE(contains(text, "'openface'") && contains(text, "'sface'")) << text;
  EXPECT_TRUE(contains(text, file.string())) << text;

  text = error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll("Bo", make_template({1, 2}, "openface", "bbbb"));
  });
  EXPECT_TRUE(contains(text, "aaaa") && contains(text, "bbbb")) << text;
  error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll("Bo", make_template({1, 2, 3}, "openface", "aaaa"));
  });
  EXPECT_EQ(gallery.people().size(), 1u);
}

TEST_F(GalleryTest, RefusesNamesAndEmbeddingsThatMakeNoSense) {
  Gallery gallery(file, Mode::Create);
  for (const char* name : {"", "two\nlines", "\xff\xfe"}) {
    error_of(ErrorCode::Settings, [&] { gallery.enroll(name, make_template({1, 2})); });
  }
  error_of(ErrorCode::Settings, [&] { gallery.enroll("Ada", make_template({})); });
  error_of(ErrorCode::Settings, [&] { gallery.enroll("Ada", make_template({1, NAN})); });
  EXPECT_TRUE(gallery.people().empty());
}

TEST_F(GalleryTest, NamesAreDataNotSql) {
  Gallery gallery(file, Mode::Create);
  const std::string name = "Robert'); DROP TABLE person;--";
  gallery.enroll(name, make_template({1, 2}));
  EXPECT_EQ(gallery.people().at(0).name, name);
}

TEST_F(GalleryTest, MissingFileIsSaid) {
  for (Mode mode : {Mode::ReadOnly, Mode::ReadWrite}) {
    const auto text = error_of(ErrorCode::NotFound, [&] { Gallery(file, mode); });
    EXPECT_TRUE(contains(text, file.string()) && contains(text, "facerec enroll")) << text;
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  const auto text =
      error_of(ErrorCode::Write, [&] { Gallery(folder / "none" / "people.db", Mode::Create); });
  EXPECT_TRUE(contains(text, "No such file")) << text;
}

TEST_F(GalleryTest, FilesOfAnotherKindAreRefusedAndLeftAlone) {
  const std::string prose(5000, 'x');
  write_text(folder / "prose", prose);
  write_text(folder / "empty", "");
  run_sql(folder / "other.db", "CREATE TABLE cat (name TEXT)");
  const auto size = std::filesystem::file_size(folder / "other.db");
  for (Mode mode : {Mode::ReadOnly, Mode::ReadWrite, Mode::Create}) {
    error_of(ErrorCode::Read, [&] { Gallery(folder.path(), mode); });
    const auto text = error_of(ErrorCode::Read, [&] { Gallery(folder / "prose", mode); });
    EXPECT_TRUE(contains(text, "no gallery")) << text;
    error_of(ErrorCode::Read, [&] { Gallery(folder / "other.db", mode); });
    if (mode != Mode::Create) {
      error_of(ErrorCode::Read, [&] { Gallery(folder / "empty", mode); });
    }
  }
  EXPECT_EQ(std::filesystem::file_size(folder / "prose"), prose.size());
  EXPECT_EQ(std::filesystem::file_size(folder / "other.db"), size);
}

TEST_F(GalleryTest, NewerFormatIsSaid) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  run_sql(file, "PRAGMA user_version = 99");
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(file, Mode::ReadOnly); });
  EXPECT_TRUE(contains(text, "99")) << text;
}

TEST_F(GalleryTest, DamagedTemplateIsSaid) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  run_sql(file, "UPDATE template SET embedding = x'010203'");
  const Gallery gallery(file, Mode::ReadOnly);
  const auto text = error_of(ErrorCode::Read, [&] { gallery.templates(); });
  EXPECT_TRUE(contains(text, "3 bytes") && contains(text, file.string())) << text;
}

TEST_F(GalleryTest, DamagedPagesAreSaid) {
  {
    Gallery gallery(file, Mode::Create);
    for (int i = 0; i < 200; ++i) gallery.enroll("Ada", make_template(std::vector<float>(64, i)));
  }
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(2 * 4096);
  stream << std::string(std::filesystem::file_size(file) - 2 * 4096, '\x7f');
  stream.close();
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(file, Mode::ReadOnly).templates(); });
  EXPECT_TRUE(contains(text, "damaged")) << text;
}

TEST_F(GalleryTest, LockedGalleryIsBusyAfterTwoSeconds) {
  Gallery gallery(file, Mode::Create);
  gallery.enroll("Ada", make_template({1, 2}));
  auto other = std::make_unique<HeldGallery>(file);

  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people().size(), 1u) << "readers are not locked out";
  const auto begin = std::chrono::steady_clock::now();
  const auto text = error_of(ErrorCode::Busy, [&] { gallery.enroll("Bo", make_template({1, 2})); });
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(contains(text, "locked by another program") && contains(text, file.string())) << text;
  EXPECT_GT(waited.count(), 1.5);
  EXPECT_LT(waited.count(), 4);

  other.reset();
  gallery.enroll("Bo", make_template({1, 2}));
}

TEST_F(GalleryTest, CreationWaitsForAnotherProgram) {
  write_text(file, "");
  auto other = std::make_unique<HeldGallery>(file);
  error_of(ErrorCode::Busy, [&] { Gallery(file, Mode::Create, std::chrono::milliseconds(50)); });

  const auto end = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    other.reset();
  });
  EXPECT_TRUE(Gallery(file, Mode::Create, std::chrono::seconds(20)).people().empty());
}

TEST_F(GalleryTest, ManyProcessesEnrollAtOnce) {
  constexpr int processes = 4, each = 10;
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        for (int i = 0; i < each; ++i) {
          Gallery gallery(file, Mode::Create, std::chrono::seconds(20));
          gallery.enroll("Person " + std::to_string(process), make_template({1, float(i)}));
        }
        _exit(0);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
      }
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const Gallery gallery(file, Mode::ReadOnly);
  EXPECT_EQ(gallery.people().size(), size_t(processes));
  EXPECT_EQ(gallery.templates().size(), size_t(processes * each));
}

TEST_F(GalleryTest, ReadsFromAFolderThatCannotBeWritten) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  chmod(file.c_str(), 0644);
  chmod(folder.path().c_str(), 0555);
  const AsNobody nobody;
  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people().size(), 1u);
  error_of(ErrorCode::Write, [&] { Gallery(file, Mode::ReadWrite).remove("Ada"); });
  error_of(ErrorCode::Write, [&] { Gallery(folder / "new.db", Mode::Create); });
}

TEST_F(GalleryTest, UnreadableFileIsSaid) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  chmod(folder.path().c_str(), 0755);
  chmod(file.c_str(), 0000);
  const AsNobody nobody;
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(file, Mode::ReadOnly); });
  EXPECT_TRUE(contains(text, file.string())) << text;
}

TEST_F(GalleryTest, OnePersonIsOneNameHoweverItIsWritten) {
  Gallery gallery(file, Mode::Create);
  const auto zoe = gallery.enroll("Zoe\u0308 ", make_template({1, 2}));
  for (const char* name : {"Zoë", " Zoë", "Zo\u200bë", "Zo\u00adë", "\u200eZoë\u200f"}) {
    EXPECT_EQ(gallery.enroll(name, make_template({1, 2})), zoe) << name;
  }
  ASSERT_EQ(gallery.people().size(), 1u);
  EXPECT_EQ(gallery.people()[0].name, "Zoë");
  gallery.remove("\ufeffZoe\u0308");
  EXPECT_TRUE(gallery.people().empty());
}

TEST_F(GalleryTest, SeveralTemplatesAreEnrolledTogetherOrNotAtAll) {
  Gallery gallery(file, Mode::Create);
  gallery.enroll("Ada", std::vector<Template>{make_template({1, 2}), make_template({2, 1})});
  EXPECT_EQ(gallery.templates().size(), 2u);
  error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll("Bo", std::vector<Template>{make_template({1, 2}), make_template({1, 2, 3})});
  });
  error_of(ErrorCode::Mismatch, [&] {
    gallery.enroll(
        "Bo", std::vector<Template>{make_template({1, 2}), make_template({1, 2}, "other", "beef")});
  });
  EXPECT_EQ(gallery.templates().size(), 2u);
  EXPECT_EQ(gallery.people().size(), 1u);
}

TEST_F(GalleryTest, KeepsHowItsModelIsUsed) {
  const Profile profile = test_profile(2);
  const ModelFacts facts{profile, "/somewhere/test.json"};
  {
    Gallery gallery(file, Mode::Create);
    EXPECT_FALSE(gallery.facts());
    gallery.enroll("Ada", {make_template({1, 2})}, &facts);
    gallery.enroll("Bo", make_template({1, 2}));
  }
  const auto kept = Gallery(file, Mode::ReadOnly).facts();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->location, facts.location);
  EXPECT_EQ(to_json(kept->profile), to_json(profile));

  run_sql(file, "UPDATE model SET profile = '{\"name\":'");
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(file, Mode::ReadOnly).facts(); });
  EXPECT_TRUE(contains(text, file.string())) << text;
}

namespace {

/// A gallery as the first format had it, with two spellings of one name.
void write_first_format(const std::filesystem::path& file) {
  run_sql(file,
          "PRAGMA journal_mode = WAL;"
          "CREATE TABLE model (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL,"
          " fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL, unit_length INTEGER NOT NULL);"
          "CREATE TABLE calibration (metric TEXT PRIMARY KEY, false_accept_rate REAL NOT NULL,"
          " threshold REAL NOT NULL, curve TEXT NOT NULL);"
          "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);"
          "CREATE TABLE template (id INTEGER PRIMARY KEY AUTOINCREMENT,"
          " person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,"
          " embedding BLOB NOT NULL, source TEXT NOT NULL, eye_distance REAL, sharpness REAL,"
          " roll REAL, yaw REAL, time INTEGER NOT NULL);"
          "CREATE INDEX template_of_person ON template (person_id);"
          "PRAGMA application_id = 0x46524543; PRAGMA user_version = 1;"
          "INSERT INTO model VALUES (1, 'test', 'f00d', 2, 0);"
          "INSERT INTO calibration VALUES ('cosine', 0.001, 0.5,"
          " '{\"knots\":[[0.6,0.1],[0.9,1.0]],\"scale\":0.1,\"shape\":0,\"pairs\":200}');"
          "INSERT INTO person (name) VALUES ('Ada'), ('Zoë'), ('Zoe\u0308 ');"
          "INSERT INTO template (person_id, embedding, source, roll, time) VALUES"
          " (1, x'0000803f00000040', 'ada.jpg', 1.5, 1700000000),"
          " (2, x'000080bf00000040', 'zoe.jpg', NULL, 1700000001),"
          " (3, x'000080bf00000041', 'more.jpg', NULL, 1700000002);");
}

}  // namespace

TEST_F(GalleryTest, TheFirstFormatIsReadAsItIs) {
  write_first_format(file);
  {
    const Gallery gallery(file, Mode::ReadOnly);
    EXPECT_EQ(gallery.people().size(), 3u);
    EXPECT_EQ(gallery.model().name, "test");
    EXPECT_EQ(gallery.calibration(Metric::Cosine)->threshold, 0.5);
    EXPECT_FALSE(gallery.facts());
    const auto templates = gallery.templates();
    ASSERT_EQ(templates.size(), 3u);
    EXPECT_EQ(templates[0].embedding.values, (std::vector<float>{1, 2}));
    EXPECT_FLOAT_EQ(templates[0].quality.roll, 1.5);
  }
  std::filesystem::remove(file.string() + "-wal");
  std::filesystem::remove(file.string() + "-shm");
  chmod(file.c_str(), 0444);
  chmod(folder.path().c_str(), 0555);
  const AsNobody nobody;
  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people().size(), 3u);
}

TEST_F(GalleryTest, TheFirstFormatBecomesTheNewestOnceItIsWritten) {
  write_first_format(file);
  {
    Gallery gallery(file, Mode::ReadWrite);
    const auto people = gallery.people();
    ASSERT_EQ(people.size(), 2u);
    EXPECT_EQ(people[0].name, "Ada");
    EXPECT_EQ(people[1].name, "Zoë");
    EXPECT_EQ(people[1].template_count, 2);
    EXPECT_EQ(gallery.templates().size(), 3u);
    EXPECT_EQ(gallery.enroll("Zoe\u0308", make_template({1, 2})), people[1].id);
    EXPECT_EQ(gallery.calibration(Metric::Cosine)->threshold, 0.5);
  }
  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people().size(), 2u);
  EXPECT_EQ(Gallery(file, Mode::ReadWrite).people().size(), 2u);
}

/// A file that `facerec enroll` of the version with format 2 made.
TEST_F(GalleryTest, TheSecondFormatOpens) {
  std::filesystem::copy(
      std::filesystem::path(std::getenv("FACEREC_SOURCE_ROOT")) / "tests/core/gallery_format_2.db",
      file);
  std::vector<Template> before;
  {
    chmod(file.c_str(), 0444);
    chmod(folder.path().c_str(), 0555);
    const AsNobody nobody;
    const Gallery gallery(file, Mode::ReadOnly);
    EXPECT_EQ(gallery.people().size(), 2u);
    EXPECT_EQ(gallery.facts().value().profile.name, "facerec-embed");
    EXPECT_EQ(gallery.position().sequence, 0);
    before = gallery.templates();
  }
  chmod(folder.path().c_str(), 0755);
  chmod(file.c_str(), 0644);
  Gallery gallery(file, Mode::ReadWrite);
  EXPECT_GT(gallery.position().sequence, 0);
  const auto after = gallery.templates();
  ASSERT_EQ(before.size(), 2u);
  ASSERT_EQ(after.size(), 2u);
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].embedding.values, before[i].embedding.values);
    EXPECT_EQ(after[i].person_id, before[i].person_id);
  }
  EXPECT_EQ(gallery.people()[1].name, "Zoë");
  EXPECT_EQ(gallery.enroll("Zoë", after[0]), 2);
  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people()[1].template_count, 2);
}

TEST_F(GalleryTest, ModesChangeOnlyOfWhatIsMadeHere) {
  write_text(file, "");
  chmod(file.c_str(), 0664);
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0664u);
}

TEST_F(GalleryTest, WhatIsNoFileIsRefusedAtOnceAndLeftAlone) {
  const std::string pipe = folder / "pipe", link = folder / "link", null = folder / "null";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0644), 0);
  ASSERT_EQ(symlink("/dev/null", null.c_str()), 0);
  ASSERT_EQ(symlink("nowhere", link.c_str()), 0);
  struct stat before {
  }, after{};
  ASSERT_EQ(stat("/dev/null", &before), 0);
  for (Mode mode : {Mode::ReadOnly, Mode::ReadWrite, Mode::Create}) {
    for (const std::string& name :
         {pipe, null, std::string("/dev/null"), std::string("/dev/zero"), folder.path().string()}) {
      const auto text = error_of(ErrorCode::Read, [&] { Gallery(name, mode); });
      EXPECT_TRUE(contains(text, name)) << text;
    }
    error_of(ErrorCode::NotFound, [&] { Gallery(link, mode); });
  }
  ASSERT_EQ(stat("/dev/null", &after), 0);
  EXPECT_EQ(after.st_mode, before.st_mode);
  ASSERT_EQ(stat(pipe.c_str(), &after), 0);
  EXPECT_EQ(after.st_mode & 0777, 0644u);
}

TEST(GalleryFile, IsWhatWasMeant) {
  const std::string here = std::filesystem::current_path();
  for (const auto& [name, file] : std::vector<std::pair<std::string, std::string>>{
           {"people.db", here + "/people.db"},
           {"/a/people.db", "/a/people.db"},
           {"/a/100%41?b#c.db", "/a/100%41?b#c.db"},
           {"./:memory:", here + "/./:memory:"},
           {"./file:x", here + "/./file:x"},
           {"ada:people.db", here + "/ada:people.db"},
           {"file:///a/b%20c%3F%23%C3%A9.db", "/a/b c?#é.db"},
           {"FILE:///a/b.db", "/a/b.db"},
           {"file://localhost/a/b.db", "/a/b.db"},
           {"file:/a/b.db", "/a/b.db"},
           {"file:b.db", here + "/b.db"},
           {"sqlite:///a/b.db", "/a/b.db"}}) {
    EXPECT_EQ(gallery_file(name).path, file) << name;
  }
  for (const char* name :
       {"", ":memory:", "file:", "file://", "file:///a?mode=memory", "file:///a#b", "file:///a%2",
        "file:///a%zz", "file:///a%00b", "file://people.db", "file://host/a", "https://x.org/a",
        "postgresql://x/a"}) {
    const auto text = error_of(ErrorCode::Settings, [&] { gallery_file(name); });
    EXPECT_TRUE(contains(text, name)) << text;
  }
}

TEST_F(GalleryTest, UrisAndSpecialNamesOpenFiles) {
  const std::string odd = folder / "odd ?#%41.db";
  { Gallery(odd, Mode::Create).enroll("Ada", make_template({1, 2})); }
  const std::string uri = "file://" + (folder / "odd%20%3F%23%2541.db").string();
  EXPECT_EQ(Gallery(uri, Mode::ReadOnly).people().size(), 1u);
  const std::string memory = folder / ":memory:";
  { Gallery(memory, Mode::Create).enroll("Ada", make_template({1, 2})); }
  EXPECT_EQ(Gallery(memory, Mode::ReadOnly).people().size(), 1u);
}

/// Each statement makes of a good gallery one that is not to be trusted.
class HostileGallery : public GalleryTest, public testing::WithParamInterface<const char*> {};

TEST_P(HostileGallery, IsOneClearErrorAtOnce) {
  {
    Gallery gallery(file, Mode::Create);
    gallery.enroll("Ada", make_template({1, 2}));
    gallery.enroll("Bo", make_template({2, 1}));
    const Calibration curve({{0.6, 0.1}, {0.9, 1}}, {0.1, 0}, 200);
    gallery.calibrate(Metric::Cosine, {0.001, 0.5, curve});
  }
  run_sql(file, std::string("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;") +
                    GetParam());
  const auto begin = std::chrono::steady_clock::now();
  for (Mode mode : {Mode::ReadOnly, Mode::ReadWrite, Mode::Create}) {
    const auto text = error_of(ErrorCode::Read, [&] {
      const Gallery gallery(file, mode);
      gallery.people();
      gallery.templates();
      gallery.model();
      gallery.facts();
      gallery.calibration(Metric::Cosine);
    });
    EXPECT_TRUE(contains(text, file.string())) << text;
    EXPECT_TRUE(contains(text, "enroll") || contains(text, "calibrate")) << text;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

constexpr const char* hostile_changes[] = {
    "DROP TABLE template; CREATE VIEW template AS WITH RECURSIVE n(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 1 AS person_id, x'0000803f00000040'"
    " AS embedding, '' AS source, 0.0 AS eye_distance, 0.0 AS sharpness, 0.0 AS roll, 0.0 AS yaw,"
    " 1 AS time FROM n",
    "DROP TABLE model; CREATE VIEW model AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
    " FROM n) SELECT i AS id, 'm' AS name, 'f' AS fingerprint, 2 AS dimension, 0 AS unit_length,"
    " '' AS location, '' AS profile FROM n WHERE i < 0",
    "CREATE VIEW other AS SELECT 1",
    "CREATE TRIGGER t AFTER DELETE ON person BEGIN SELECT randomblob(1000000000); END",
    "CREATE INDEX more ON template (hex(embedding))",
    "DROP TABLE calibration",
    "DROP TABLE calibration; CREATE VIRTUAL TABLE calibration USING fts5(metric,"
    " false_accept_rate, threshold, curve)",
    "CREATE TABLE cat (name TEXT)",
    "ALTER TABLE template DROP COLUMN yaw",
    "ALTER TABLE person ADD COLUMN more AS (hex(name))",
    "UPDATE template SET embedding = x'0000c07f00000040'",
    "UPDATE template SET embedding = x'0000807f00000040'",
    "UPDATE template SET embedding = zeroblob(1000000)",
    "UPDATE template SET embedding = 'text'",
    "UPDATE template SET embedding = 17",
    "UPDATE template SET person_id = 77",
    "UPDATE template SET time = 'yesterday'",
    "UPDATE template SET yaw = 'left'",
    "UPDATE template SET source = x'00'",
    "UPDATE template SET id = -id",
    "UPDATE person SET name = x'ff' WHERE id = 1",
    "UPDATE person SET name = CAST(x'fffe' AS TEXT) WHERE id = 1",
    "UPDATE person SET name = 'two' || char(10) || 'lines' WHERE id = 1",
    "UPDATE person SET name = '' WHERE id = 1",
    "DELETE FROM model",
    "UPDATE model SET id = 2",
    "UPDATE model SET dimension = -2",
    "UPDATE model SET dimension = 1 << 40",
    "UPDATE model SET dimension = 'two'",
    "UPDATE model SET fingerprint = ''",
    "UPDATE model SET name = x'00'",
    "UPDATE model SET profile = '[]'",
    "UPDATE model SET profile = x'00'",
    "UPDATE calibration SET curve = '{\"knots\":[],\"scale\":1,\"shape\":0,\"pairs\":200}'",
    "UPDATE calibration SET curve = 'null'",
    "UPDATE calibration SET curve = 3.5",
    "UPDATE calibration SET threshold = 9e999",
    "UPDATE calibration SET threshold = 'high'",
    "UPDATE calibration SET false_accept_rate = -1",
};

INSTANTIATE_TEST_SUITE_P(Changes, HostileGallery, testing::ValuesIn(hostile_changes));

TEST_F(GalleryTest, PagesThatLeadInACircleEnd) {
  {
    Gallery gallery(file, Mode::Create);
    std::vector<Template> entries(3000, make_template(std::vector<float>(64, 1)));
    gallery.enroll("Ada", entries);
  }
  // Every child of the pages that hold no rows becomes their first one.
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  constexpr std::size_t page_size = 4096;
  int inner = 0;
  for (std::size_t page = page_size; page < bytes.size(); page += page_size) {
    if (bytes[page] != 5) continue;  // an inner page of a table
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[page + i]); };
    const std::size_t cells = at(3) << 8 | at(4);
    const std::size_t first = at(12) << 8 | at(13);
    for (std::size_t i = 0; i < cells; ++i) {
      const std::size_t cell = at(12 + 2 * i) << 8 | at(13 + 2 * i);
      bytes.replace(page + cell, 4, bytes.substr(page + first, 4));
    }
    ++inner;
  }
  ASSERT_GT(inner, 0);
  stream.seekp(0);
  stream << bytes;
  stream.close();
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(file, Mode::ReadOnly).templates(); });
  EXPECT_TRUE(contains(text, "damaged")) << text;
}

TEST_F(GalleryTest, ASchemaOfCountlessPagesEnds) {
  { Gallery(file, Mode::Create).enroll("Ada", make_template({1, 2})); }
  constexpr std::size_t page_size = 4096, levels = 15, children = 100, header_size = 100;
  std::string bytes;
  {
    std::ifstream stream(file, std::ios::binary);
    bytes.assign((std::istreambuf_iterator<char>(stream)), {});
  }
  const std::size_t pages = bytes.size() / page_size;
  const auto big_endian = [](std::size_t value, int size) {
    std::string text;
    for (int i = size - 1; i >= 0; --i) text += static_cast<char>(value >> 8 * i & 0xff);
    return text;
  };
  // An inner page whose children are all one page; its header begins at `start`.
  const auto inner_page = [&](std::size_t start, std::size_t child) {
    std::string page(page_size, '\0');
    const std::string cell = big_endian(child, 4) + '\x01';  // a page and the largest row below it
    const std::size_t content = page_size - children * cell.size();
    page.replace(start, 12,
                 '\x05' + big_endian(0, 2) + big_endian(children, 2) + big_endian(content, 2) +
                     '\0' + big_endian(child, 4));
    for (std::size_t i = 0; i < children; ++i) {
      const std::size_t at = content + i * cell.size();
      page.replace(start + 12 + 2 * i, 2, big_endian(at, 2));
      page.replace(at, cell.size(), cell);
    }
    return page;
  };
  // The rows of the schema go to a last page of their own, whose header begins at 0 as theirs did
  // at 100: the cells keep their places.
  std::string leaf = bytes.substr(0, page_size);
  leaf.erase(0, header_size);
  const std::size_t cells =
      static_cast<unsigned char>(leaf[3]) << 8 | static_cast<unsigned char>(leaf[4]);
  leaf.insert(8 + 2 * cells, header_size, '\0');
  std::string hostile =
      bytes.substr(0, header_size) + inner_page(header_size, pages + 1).substr(header_size);
  hostile += bytes.substr(page_size);
  for (std::size_t i = 1; i < levels; ++i) hostile += inner_page(0, pages + i + 1);
  hostile += leaf;
  hostile.replace(28, 4, big_endian(pages + levels, 4));
  hostile.replace(92, 4, hostile.substr(24, 4));
  std::ofstream(file, std::ios::binary | std::ios::trunc) << hostile;

  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(Gallery(file, Mode::ReadOnly, std::chrono::milliseconds(0)), Error);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(GalleryTest, StoppingEndsALongRead) {
  {
    Gallery gallery(file, Mode::Create);
    gallery.enroll("Ada", std::vector<Template>(20000, make_template({1, 2})));
  }
  std::atomic<bool> stop = false;
  const Gallery gallery(file, Mode::ReadOnly, std::chrono::seconds(2), &stop);
  int seen = 0;
  const auto text = error_of(ErrorCode::Busy, [&] {
    gallery.visit([&](const std::string&, const Template&) {
      ++seen;
      stop = true;
    });
  });
  EXPECT_TRUE(contains(text, "stopped")) << text;
  EXPECT_LT(seen, 5000);
}
