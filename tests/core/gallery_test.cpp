// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/gallery.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <future>
#include <thread>

#include "gallery_fixtures.h"
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
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);

  EXPECT_EQ(Gallery(file, Mode::ReadOnly).people().size(), 1u) << "readers are not locked out";
  const auto begin = std::chrono::steady_clock::now();
  const auto text = error_of(ErrorCode::Busy, [&] { gallery.enroll("Bo", make_template({1, 2})); });
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(contains(text, "locked by another program") && contains(text, file.string())) << text;
  EXPECT_GT(waited.count(), 1.5);
  EXPECT_LT(waited.count(), 4);

  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  gallery.enroll("Bo", make_template({1, 2}));
}

TEST_F(GalleryTest, CreationWaitsForAnotherProgram) {
  write_text(file, "");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  error_of(ErrorCode::Busy, [&] { Gallery(file, Mode::Create, std::chrono::milliseconds(50)); });

  const auto end = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    sqlite3_close(other);
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

TEST_F(GalleryTest, VersionChangesWithOthersCommits) {
  Gallery writer(file, Mode::Create);
  const Gallery reader(file, Mode::ReadOnly);
  const auto before = reader.version();
  EXPECT_EQ(reader.version(), before);
  writer.enroll("Ada", make_template({1, 2}));
  EXPECT_NE(reader.version(), before);
}
