// An overlay in a folder of its own, made by the program.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "configuration/document.h"
#include "process.h"

namespace chordial::app {

using nlohmann::json;

class Overlay : public testing::Test {
 protected:
  void SetUp() override {
    const Ended created =
        run({"overlay", "create", "Home.example", "--dir", folder_ / "authority", "--no-ice",
             "--successors", "2", "--fingers", "4", "--replicas", "1", "--full-mesh=off",
             "--bootstrap", "127.0.0.1:7001", "127.0.0.2", "--json"});
    ASSERT_EQ(created.code, 0) << created.err;
    created_ = json::parse(created.out);
  }

  Ended user(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), "user");
    words.insert(words.end(), {"--dir", folder_ / "authority"});
    return run(words, input);
  }
  Ended admit(const std::string& node, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"overlay",
                                      "admit",
                                      node,
                                      "--dir",
                                      folder_ / "authority",
                                      "--out",
                                      folder_ / (node + ".join")};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Ended join(const std::string& node, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "join",        folder_ / (node + ".join"),  "--config", folder_ / (node + ".toml"),
        "--state-dir", folder_ / (node + ".state"), "--socket", folder_ / (node + ".sock")};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  configuration::OverlayConfiguration document() {
    const std::string xml = content_of(folder_ / "authority/document.xml");
    return configuration::read_document(as_bytes(xml))->configurations.at(0).configuration;
  }

  Folder folder_;
  json created_;
};

}  // namespace chordial::app
