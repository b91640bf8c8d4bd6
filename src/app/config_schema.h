// The one table of what iris.toml may hold: each key with its type, limits, default and reason. The parser, the checks
// and docs/configuration.md come from it. A default is not written here: it is what the folder's options struct says.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

namespace iris::app {

// A value as it stands in the file.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct Key {
  std::string name;      // "stanza.size"; the part before the dot is the table
  std::string type;      // for people: "duration", "whole number"
  std::string allowed;   // for people: `"1s" to "10m"`
  std::string fallback;  // as it would be written in the file
  std::string text;      // what it does, and why the default is what it is
  // What is wrong with the value, or nothing and it is set.
  std::function<std::optional<std::string>(Config&, const Value&)> set;
  // For a reload: takes the value from another Config, and whether that is another one.
  std::function<void(Config&, const Config&)> copy;
  std::function<bool(const Config&, const Config&)> differs;

  std::string table() const { return name.substr(0, name.find('.')); }
  std::string leaf() const { return name.substr(name.find('.') + 1); }
};

struct Table {
  std::string name;
  std::string text;
};

const std::vector<Table>& config_tables();  // in the order of the documentation
const std::vector<Key>& config_schema();    // grouped by table, in that order
const Key* find_key(std::string_view name);

}  // namespace iris::app
