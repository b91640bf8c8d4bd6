#include "app/irisd.h"

#include <iostream>

#include "app/command_line.h"
#include "app/config_doc.h"
#include "app/config_file.h"

namespace iris::app {
namespace {

using What = IrisdCommand::What;

int usage() { return static_cast<int>(Exit::usage); }
int good() { return static_cast<int>(Exit::good); }

int make_folder_for(const InitOptions& options) {
  auto told = init(options);
  if (!told) {
    std::cerr << "irisd: " << told.error().message << "\n";
    return told.error().code == base::Errc::invalid ? usage() : static_cast<int>(Exit::failed);
  }
  for (const std::string& line : *told) std::cout << line << "\n";
  return good();
}

std::optional<Config> load(const std::string& path) {
  auto loaded = load_config(path);
  if (auto* problems = std::get_if<ConfigProblems>(&loaded)) {
    for (const ConfigProblem& problem : *problems) std::cerr << problem.to_string() << "\n";
    return std::nullopt;
  }
  return std::get<Config>(std::move(loaded));
}

int check(const std::string& path) {
  if (!load(path)) return usage();
  std::cout << path << " is good\n";
  return good();
}

}  // namespace

int irisd_main(int argc, const char* const* argv) {
  auto parsed = parse_irisd(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& command = std::get<IrisdCommand>(parsed);
  switch (command.what) {
    case What::init: return make_folder_for(command.init);
    case What::check_config: return check(command.config);
    case What::print_config_doc: std::cout << config_doc(); return good();
    default: return usage();
  }
}

}  // namespace iris::app
