// SPDX-License-Identifier: LGPL-2.1-or-later

#include "store/person_name.h"

#include <gtest/gtest.h>

#include "gallery_fixtures.h"

using namespace facerec;

TEST(PersonName, IsShownComposedAndWithoutWhatDoesNotShow) {
  for (const char* name :
       {"Zoë", "Zoe\u0308", " Zoë", "Zoë \t\n", "\u00a0Zoë\u3000", "Zo\u200bë", "\ufeffZoë",
        "Zo\u00adë", "\u200fZoë\u200e", "\u202aZoë\u202c", "\u2066Zoë\u2069", "Zoe\u034f\u0308",
        "Zo\u200dë", "Z\u2060oë", "Zo\ufe0fë", "Zoë\u180e", "Zoë\u2028"}) {
    EXPECT_EQ(shown_name(name), "Zoë") << name;
    EXPECT_EQ(name_key(name), name_key("Zoë")) << name;
  }
}

TEST(PersonName, KeepsWhatShapesLetters) {
  for (const char* name : {"علی\u200cرضا", "ශ්\u200dරී", "👨\u200d👩", "辻\U000e0100", "❤\ufe0f\u200d🔥",
                           "Ann-Marie O’Neill 2nd", "李 小龙"}) {
    EXPECT_EQ(shown_name(name), name) << name;
  }
  EXPECT_EQ(name_key("علی\u200cرضا"), name_key("علیرضا"));
}

TEST(PersonName, KeyIsOneForNamesThatReadAlike) {
  EXPECT_EQ(name_key("Ada  Lovelace"), name_key("Ada\u00a0Lovelace"));
  EXPECT_EQ(name_key("Ａｄａ"), name_key("Ada"));
  EXPECT_EQ(name_key("ﬁona"), name_key("fiona"));
  EXPECT_EQ(name_key("\u1112\u1161\u11ab"), name_key("한"));
  EXPECT_EQ(name_key("\u212bsa"), name_key("A\u030asa"));
  EXPECT_NE(name_key("Ada"), name_key("ada"));
  EXPECT_NE(name_key("Zoë"), name_key("Zoe"));
  EXPECT_NE(name_key("Ada L"), name_key("AdaL"));
}

TEST(PersonName, RefusesWhatIsNoLineOfText) {
  for (const char* name : {"", " ", "\u200b\u00ad", "\u3164", "\u2800", "two\nlines", "tab\there",
                           "a\u2028b", "a\u0085b",
                           "a\x7f"
                           "b",
                           "\xff\xfe", "\xed\xa0\x80", "\xc0\x80", "Ad\xc3"}) {
    error_of(ErrorCode::Settings, [&] { shown_name(name); });
    error_of(ErrorCode::Settings, [&] { name_key(name); });
  }
  error_of(ErrorCode::Settings, [&] { shown_name(std::string("A\0b", 3)); });
}
