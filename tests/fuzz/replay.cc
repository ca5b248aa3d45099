// Runs a fuzz target over every file of a folder, each whole, cut at some places, and with some bytes changed.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void feed(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      feed(text);
      const std::size_t stride = text.size() / 40 + 1;
      for (std::size_t at = 0; at < text.size(); at += stride, ++inputs) {
        feed(text.substr(0, at));
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + at % 127));
        feed(changed);
      }
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs == 0 ? 1 : 0;
}
