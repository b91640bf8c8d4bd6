// Plays each script with several seeds: the seed decides how long log, store and Bus take.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connections.h"
#include "play.h"
#include "script.h"
#include "stage.h"

namespace iris::dialogue {
namespace {

constexpr std::uint64_t kSeeds = 20;  // of five, none has two records that one must not pass come in one batch

template <typename Stage>
void play(const std::string& name) {
  std::ifstream in(std::string(IRIS_DIALOGUES) + "/" + name + ".txt");
  std::stringstream text;
  text << in.rdbuf();
  auto parsed = parse_script(text.str());
  if (auto* error = std::get_if<ScriptError>(&parsed)) FAIL() << name << ".txt:" << error->line << ": " << error->text;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto why = Play<Stage>(seed).run(std::get<std::vector<Step>>(parsed));
    EXPECT_EQ(why, "") << name << ".txt";
    if (!why.empty()) break;
  }
}

std::vector<std::string> scripts(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(IRIS_DIALOGUES + folder))
    if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists") out.push_back(entry.path().stem());
  std::sort(out.begin(), out.end());
  return out;
}
std::string name_of(const testing::TestParamInfo<std::string>& info) { return info.param; }

class Dialogue : public testing::TestWithParam<std::string> {};
TEST_P(Dialogue, GoesAsWritten) { play<Stage>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Scripts, Dialogue, testing::ValuesIn(scripts("")), name_of);

class ConnectionDialogue : public testing::TestWithParam<std::string> {};
TEST_P(ConnectionDialogue, GoesAsWritten) { play<Connections>("connection/" + GetParam()); }
INSTANTIATE_TEST_SUITE_P(Scripts, ConnectionDialogue, testing::ValuesIn(scripts("/connection")), name_of);

}  // namespace
}  // namespace iris::dialogue
