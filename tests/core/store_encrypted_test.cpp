// SPDX-License-Identifier: LGPL-2.1-or-later

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "gallery_fixtures.h"
#include "held_gallery.h"
#include "match/gallery_copy.h"
#include "match/gallery_indexer.h"
#include "store/gallery_key.h"
#include "store/gallery_name.h"
#include "store_contract.h"
#include "temporary_folder.h"

using namespace facerec;
using Mode = Gallery::Mode;
namespace fs = std::filesystem;

namespace {

const std::string key_a(64, 'a');
const std::string key_b = std::string(63, 'a') + 'b';

fs::path write_key(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return file;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class EncryptedUnderTest final : public StoreUnderTest {
 public:
  EncryptedUnderTest() { write_key(folder_ / "key", key_a + "\n"); }

  std::string fresh_name() override {
    const std::string file = folder_ / ("people" + std::to_string(++count_) + ".db");
    return with_key_file(file, folder_ / "key");
  }

  std::shared_ptr<void> lock(const std::string& gallery) override {
    return std::make_shared<HeldGallery>(gallery);
  }

 private:
  TemporaryFolder folder_;
  int count_ = 0;
};

class EncryptedGallery : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_encrypt()) GTEST_SKIP() << "this build has no SQLCipher";
    Gallery(name, Mode::Create).enroll("Ada Lovelace", make_template({1, 2}));
  }

  std::string refusal(const std::string& gallery) const {
    const std::string text =
        error_of(ErrorCode::Read, [&] { Gallery(gallery, Mode::ReadOnly).people(); });
    EXPECT_TRUE(contains(text, file.string())) << text;
    EXPECT_FALSE(contains(text, key_a) || contains(text, key_b)) << text;
    return text;
  }

  TemporaryFolder folder;
  const fs::path file = folder / "people.db";
  const fs::path key = write_key(folder / "a.key", key_a + "\n");
  const std::string name = with_key_file(file, key);
};

}  // namespace

StoreUnderTest* store_under_test() {
  static EncryptedUnderTest store;
  if (can_encrypt()) return &store;
  std::cout << "this build has no SQLCipher\n";
  return nullptr;
}

TEST_F(EncryptedGallery, OpensWithItsKeyAlone) {
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().at(0).name, "Ada Lovelace");
  const fs::path other = write_key(folder / "b.key", key_b);
  const std::string wrong = refusal(with_key_file(file, other));
  EXPECT_TRUE(contains(wrong, other.string()) && contains(wrong, "made with")) << wrong;
  EXPECT_TRUE(contains(refusal(file), "key file"));
  error_of(ErrorCode::Read, [&] { Gallery(file, Mode::Create); });
  error_of(ErrorCode::Read, [&] { Gallery(with_key_file(file, other), Mode::ReadWrite); });
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 1u) << "tries leave it as it is";

  const fs::path plain = folder / "plain.db";
  { Gallery(plain, Mode::Create).enroll("Bo", make_template({1, 2})); }
  const std::string text = error_of(
      ErrorCode::Read, [&] { Gallery(with_key_file(plain, key), Mode::ReadOnly).people(); });
  EXPECT_TRUE(contains(text, "is not encrypted")) << text;
}

TEST_F(EncryptedGallery, NothingOfItsPeopleCanBeReadInItsFiles) {
  const Gallery reader(name, Mode::ReadOnly);
  reader.people();
  Gallery writer(name, Mode::ReadWrite);
  writer.enroll("Béla Bartók", make_template({3, 4}));
  int files = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().filename().string().rfind("people.db", 0) != 0) continue;
    ++files;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    for (const char* part :
         {"Lovelace", "lovelace", "Bart", "photo.jpg", "SQLite format", "CREATE TABLE", "f00d"}) {
      EXPECT_FALSE(contains(bytes, part)) << part << " in " << entry.path();
    }
  }
  EXPECT_EQ(files, 3) << "database, log and its index";
}

TEST_F(EncryptedGallery, IsCopiedToAPlainOneAndBack) {
  const fs::path plain = folder / "plain.db";
  const fs::path other = write_key(folder / "phrase.key", "correct horse battery staple\r\n");
  const std::string again = with_key_file(folder / "again.db", other);
  {
    Gallery to(plain, Mode::Create);
    EXPECT_EQ(copy_gallery(Gallery(name, Mode::ReadOnly), to).copied, 1u);
    Gallery back(again, Mode::Create);
    EXPECT_EQ(copy_gallery(to, back).copied, 1u);
  }
  EXPECT_EQ(Gallery(again, Mode::ReadOnly).templates().at(0).embedding.values,
            (std::vector<float>{1, 2}));
  write_key(other, "correct horse battery staple");
  EXPECT_EQ(Gallery(again, Mode::ReadOnly).people().size(), 1u) << "the line break does not count";
  write_key(other, "Correct horse battery staple");
  error_of(ErrorCode::Read, [&] { Gallery(again, Mode::ReadOnly).people(); });
}

TEST_F(EncryptedGallery, NoIndexIsKeptBesideIt) {
  if (index_kinds().empty()) GTEST_SKIP() << "this build has no index";
  std::vector<Template> people;
  for (int i = 0; i < 300; ++i) {
    people.push_back(make_template({static_cast<float>(i), static_cast<float>(i % 17)}));
  }
  { Gallery(name, Mode::ReadWrite).enroll("Bo", people); }
  const std::string plain = folder / "plain.db";
  {
    Gallery to(plain, Mode::Create);
    copy_gallery(Gallery(name, Mode::ReadOnly), to);
  }
  const auto index = [](const std::string& gallery) {
    GalleryIndexer indexer(gallery, {index_kinds().front(), 0.5});
    auto matcher =
        std::make_shared<const Matcher>(Gallery(gallery, Mode::ReadOnly), Metric::Cosine);
    for (int i = 0; i < 1000 && matcher->search().templates == 0; ++i) {
      matcher = indexer.improved(matcher);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_GT(matcher->search().templates, 0);
  };
  index(plain);
  index(name);
  const auto saved = "." + to_string(Metric::Cosine) + "." + index_kinds().front();
  EXPECT_TRUE(fs::exists(plain + saved));
  EXPECT_FALSE(fs::exists(file.string() + saved));
}

TEST_F(EncryptedGallery, TheSqliteOfOthersStaysTheirs) {
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "sqlite3_key"), nullptr);
  Dl_info ours{}, theirs{};
  ASSERT_TRUE(dladdr(reinterpret_cast<void*>(sqlite_library().open_v2), &ours));
  EXPECT_TRUE(contains(ours.dli_fname, "sqlcipher")) << ours.dli_fname;
  void* open = dlsym(RTLD_DEFAULT, "sqlite3_open_v2");
  ASSERT_TRUE(open && dladdr(open, &theirs)) << "this program links SQLite itself";
  EXPECT_FALSE(contains(theirs.dli_fname, "sqlcipher")) << theirs.dli_fname;

  // A handle of theirs, of which sqlite_library() must know nothing.
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "theirs.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, "CREATE TABLE t (x)", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 1u);
  EXPECT_EQ(sqlite3_exec(db, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);
}

TEST(KeyFile, NamesGoIntoTheGallerysAndOut) {
  const std::string name = with_key_file("/a/b?#%&c.db", "/k/a&b?c%.key");
  const GalleryFile file = gallery_file(name);
  EXPECT_EQ(file.path, "/a/b?#%&c.db");
  EXPECT_EQ(file.key_file, "/k/a&b?c%.key");
  EXPECT_EQ(gallery_name(name), name);
  EXPECT_EQ(with_key_file(name, "/k/a&b?c%.key"), name);
  EXPECT_TRUE(is_encrypted(name) && !is_encrypted("/a/b.db"));
  EXPECT_EQ(without_password(name), "/a/b?#%&c.db");
  EXPECT_EQ(gallery_file("file:b.db?key-file=k").key_file, fs::current_path() / "k");
  EXPECT_EQ(with_key_file("b.db", ""), "b.db");
  for (const char* wrong : {"file:///a?key-file=", "file:///a?key-file=b&mode=ro",
                            "file:///a?mode=ro&key-file=b", "file:///a?key-file=b?key-file=c"}) {
    error_of(ErrorCode::Settings, [&] { gallery_file(wrong); });
  }
  error_of(ErrorCode::Settings, [&] { with_key_file(name, "/other"); });
  const std::string text =
      error_of(ErrorCode::Settings, [] { with_key_file("postgresql://a:pw@b/c", "/k"); });
  EXPECT_TRUE(contains(text, "server") && !contains(text, "pw")) << text;
}

TEST(KeyFile, UnusableOnesAreNamedWithTheRemedy) {
  const TemporaryFolder folder;
  const std::string gallery = folder / "people.db", key = folder / "people.key";
  const auto refusal = [&](ErrorCode code) {
    const std::string text =
        error_of(code, [&] { Gallery(with_key_file(gallery, key), Mode::Create); });
    EXPECT_TRUE(contains(text, key)) << text;
    EXPECT_FALSE(fs::exists(gallery));
    return text;
  };
  if (!can_encrypt()) {
    write_key(key, key_a);
    EXPECT_TRUE(contains(refusal(ErrorCode::Settings), "no encryption"));
    return;
  }
  EXPECT_TRUE(contains(refusal(ErrorCode::NotFound), "openssl rand"));
  for (const char* content : {"", "\n", "\r\n"}) {
    write_key(key, content);
    EXPECT_TRUE(contains(refusal(ErrorCode::Settings), "is empty"));
  }
  write_key(key, std::string(1001, 'x'));
  EXPECT_TRUE(contains(refusal(ErrorCode::Settings), "longer"));
  write_key(key, std::string(1000, 'x') + "\n");
  Gallery(with_key_file(gallery, key), Mode::Create);
}

TEST(KeyFile, OthersWhoMayReadItAreSaid) {
  const TemporaryFolder folder;
  const fs::path key = write_key(folder / "people.key", key_a);
  EXPECT_EQ(key_file_caution(key), "");
  EXPECT_EQ(key_file_caution(folder / "none"), "");
  fs::permissions(key, fs::perms::others_read, fs::perm_options::add);
  const std::string text = key_file_caution(key);
  EXPECT_TRUE(contains(text, key.string()) && contains(text, "chmod 600")) << text;
}
