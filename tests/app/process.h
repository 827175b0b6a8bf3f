// Runs `chordial` as its users do, and says how it ended.
#pragma once

#include <string>
#include <vector>

namespace chordial::app {

struct Ended {
  int code = -1;  // -1: killed by a signal or never started
  std::string out;
  std::string err;
};

[[nodiscard]] Ended run(std::vector<std::string> arguments, const std::string& input = {});

// A folder that is gone when the test is.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

[[nodiscard]] std::string content_of(const std::string& path);
void put_content(const std::string& path, const std::string& content);
[[nodiscard]] unsigned mode_of(const std::string& path);

}  // namespace chordial::app
