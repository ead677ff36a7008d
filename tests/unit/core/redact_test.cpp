#include "core/redact.hpp"

#include <gtest/gtest.h>

namespace workspaced::core {
namespace {

TEST(redact, names_of_secrets_are_known) {
  for (const char* name : {"TOKEN", "FLEET_MCP_AUTH_TOKEN", "github_token", "TOKEN_FILE", "MY_SECRET_1",
                           "DB_PASSWORD", "PGPASSWD", "API_KEY", "AWS_CREDENTIALS"})
    EXPECT_TRUE(is_secret_name(name, {})) << name;
  for (const char* name : {"", "PATH", "HOME", "KEYBOARD", "MONKEY", "_KEYS", "PASS"})
    EXPECT_FALSE(is_secret_name(name, {})) << name;
}

TEST(redact, patterns_are_added) {
  EXPECT_TRUE(is_secret_name("WEB_COOKIE", {"*cookie"}));
  EXPECT_TRUE(is_secret_name("ABxBAByB", {"A*B*y*"}));
  EXPECT_TRUE(is_secret_name("DSN", {"DSN"}));
  EXPECT_TRUE(is_secret_name("ANYTHING", {"*"}));
  EXPECT_FALSE(is_secret_name("DSN2", {"DSN"}));
  EXPECT_FALSE(is_secret_name("COOKIE_JAR", {"*cookie"}));
  EXPECT_FALSE(is_secret_name("PATH", {""}));
}

}  // namespace
}  // namespace workspaced::core
