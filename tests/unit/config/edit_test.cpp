// One service more or less, without the files being read again.
#include "config/edit.hpp"

#include "unit/config/house.hpp"

namespace workspaced::config {
namespace {

std::string texts_of(const edited& end) {
  std::string all;
  for (const auto& each : end.errors) all += to_string(each) + "\n";
  return all;
}

class config_edit : public ::testing::Test {
 protected:
  config_edit() {
    base_ =
        house_.good("[services.db]\ncommand = 'db'\n[services.web]\ncommand = 'web'\ndepends_on = ['db']\n");
  }
  edited with(const std::string& name, const std::string& text) {
    return with_service(base_, name, text, house_.options());
  }
  house house_;
  core::configuration base_;
};

TEST_F(config_edit, adds_a_service_as_the_file_would) {
  const std::string keys =
      "command = 'x ${HOME}/y'\ndepends_on = ['db']\nworking_dir = 'here'\nstop = { timeout = '3s' }\n";
  const auto end = with("extra", keys);
  ASSERT_TRUE(end.config) << texts_of(end);
  EXPECT_EQ(end.config->services.size(), 3U);
  const auto of_file = house_.good(
      "[services.db]\ncommand = 'db'\n[services.web]\ncommand = 'web'\n[services.extra]\n" + keys);
  EXPECT_EQ(end.config->services.at("extra"), of_file.services.at("extra"));
  EXPECT_EQ(end.config->services.at("web"), base_.services.at("web"));
}

TEST_F(config_edit, takes_the_place_of_the_one_before) {
  base_ = *with("extra", "command = 'a'\n").config;
  const auto end = with("extra", "command = 'b'\n");
  ASSERT_TRUE(end.config) << texts_of(end);
  EXPECT_EQ(end.config->services.at("extra").command, std::vector<std::string>{"b"});
}

TEST_F(config_edit, says_what_is_wrong_and_where) {
  const std::string here = house_.directory() + "/extra:";
  EXPECT_EQ(texts_of(with("extra", "command = 'a'\nautostrat = true\n")),
            here + "2:1: services.extra.autostrat: unknown key; did you mean autostart?\n");
  EXPECT_TRUE(texts_of(with("extra", "command = [\n")).starts_with(here))
      << texts_of(with("extra", "command = [\n"));
  EXPECT_NE(texts_of(with("extra", "")), "");
  EXPECT_NE(texts_of(with("no/name", "command = 'a'\n")), "");
  EXPECT_NE(texts_of(with("extra", "command = 'a'\ndepends_on = ['nobody']\n")), "");
  EXPECT_NE(texts_of(with("db", "command = 'a'\ndepends_on = ['web']\n")), "") << "a circle";
}

TEST_F(config_edit, removes_a_service_that_nobody_needs) {
  const auto end = without_service(base_, "web", house_.options());
  ASSERT_TRUE(end.config) << texts_of(end);
  EXPECT_EQ(end.config->services.size(), 1U);
  EXPECT_NE(texts_of(without_service(base_, "db", house_.options())).find("web"), std::string::npos);
}

}  // namespace
}  // namespace workspaced::config
