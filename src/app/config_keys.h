// Makers of Keys: one for each type of value. Each takes where the value goes, `Config& -> T&`, and reads its default
// from there.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "app/config_schema.h"
#include "app/config_values.h"
#include "net/address.h"
#include "xmpp/jid.h"

namespace iris::app {

// Completes a Key with what a reload needs.
template <typename Place>
Key with_place(Key key, Place place) {
  const auto read = [place](const Config& config) -> const auto& { return place(const_cast<Config&>(config)); };
  key.copy = [place, read](Config& to, const Config& from) { place(to) = read(from); };
  key.differs = [read](const Config& a, const Config& b) { return !(read(a) == read(b)); };
  return key;
}

inline std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

template <typename Place>
Key flag(std::string name, Place place, std::string text) {
  Config defaults;
  return with_place({std::move(name), "boolean", "true or false", place(defaults) ? "true" : "false", std::move(text),
                     [place](Config& config, const Value& value) -> std::optional<std::string> {
                       const bool* given = std::get_if<bool>(&value);
                       if (given == nullptr) return "must be true or false";
                       place(config) = *given;
                       return std::nullopt;
                     }},
                    place);
}

template <typename Place>
Key whole(std::string name, Place place, std::int64_t least, std::int64_t most, std::string text) {
  Config defaults;
  std::string allowed = std::to_string(least) + " to " + std::to_string(most);
  return with_place({std::move(name), "whole number", allowed,
                     std::to_string(static_cast<std::int64_t>(place(defaults))), std::move(text),
                     [place, least, most, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::int64_t>(&value);
                       if (given == nullptr || *given < least || *given > most)
                         return "must be a whole number, " + allowed;
                       place(config) = static_cast<std::remove_cvref_t<decltype(place(config))>>(*given);
                       return std::nullopt;
                     }},
                    place);
}

template <typename Place>
Key duration(std::string name, Place place, base::Duration least, base::Duration most, std::string text) {
  Config defaults;
  std::string allowed = quoted(format_duration(least)) + " to " + quoted(format_duration(most));
  return with_place({std::move(name), "duration", allowed, quoted(format_duration(place(defaults))), std::move(text),
                     [place, least, most, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::string>(&value);
                       const auto parsed = given == nullptr ? std::nullopt : parse_duration(*given);
                       if (!parsed)
                         return "must be a duration in quotes: a whole number and us, ms, s, m, h or d, " + allowed;
                       if (*parsed < least || *parsed > most) return "must be " + allowed;
                       place(config) = *parsed;
                       return std::nullopt;
                     }},
                    place);
}

template <typename Place>
Key size(std::string name, Place place, std::uint64_t least, std::uint64_t most, std::string text) {
  Config defaults;
  std::string allowed = quoted(format_size(least)) + " to " + quoted(format_size(most));
  return with_place({std::move(name), "size", allowed, quoted(format_size(place(defaults))), std::move(text),
                     [place, least, most, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::string>(&value);
                       const auto parsed = given == nullptr ? std::nullopt : parse_size(*given);
                       if (!parsed)
                         return "must be a size in quotes: a whole number and B, KiB, MiB or GiB, " + allowed;
                       if (*parsed < least || *parsed > most) return "must be " + allowed;
                       place(config) = static_cast<std::remove_cvref_t<decltype(place(config))>>(*parsed);
                       return std::nullopt;
                     }},
                    place);
}

template <typename Place, typename Enum>
Key choice(std::string name, Place place, std::vector<std::pair<std::string, Enum>> choices, std::string text) {
  Config defaults;
  std::string allowed, fallback;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i != 0) allowed += i + 1 == choices.size() ? " or " : ", ";
    allowed += quoted(choices[i].first);
    if (choices[i].second == place(defaults)) fallback = quoted(choices[i].first);
  }
  return with_place({std::move(name), "choice", allowed, fallback, std::move(text),
                     [place, choices, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::string>(&value);
                       for (const auto& [word, meaning] : choices) {
                         if (given == nullptr || *given != word) continue;
                         place(config) = meaning;
                         return std::nullopt;
                       }
                       return "must be " + allowed;
                     }},
                    place);
}

// `parse`: std::string -> std::optional<std::string>, the value to keep, or nothing if it will not do.
template <typename Place, typename Parse>
Key words(std::string name, std::string allowed, Place place, Parse parse, std::string text) {
  Config defaults;
  return with_place({std::move(name), "text", allowed, quoted(place(defaults)), std::move(text),
                     [place, parse, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::string>(&value);
                       auto parsed = given == nullptr ? std::nullopt : parse(*given);
                       if (!parsed) return "must be " + allowed + ", in quotes";
                       place(config) = *std::move(parsed);
                       return std::nullopt;
                     }},
                    place);
}

template <typename Place>
Key addresses(std::string name, Place place, std::string text) {
  constexpr const char* kAllowed = R"(addresses as "127.0.0.1:5222" or "[::1]:5222")";
  return with_place({std::move(name), "list of addresses", kAllowed, "[]", std::move(text),
                     [place](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::vector<std::string>>(&value);
                       if (given == nullptr) return std::string("must be a list of ") + kAllowed;
                       std::vector<net::Address> parsed;
                       for (const std::string& one : *given) {
                         auto address = net::parse_address(one);
                         if (!address) return quoted(one) + " is no address; must be " + kAllowed;
                         parsed.push_back(std::move(address).value());
                       }
                       place(config) = std::move(parsed);
                       return std::nullopt;
                     }},
                    place);
}

// `is_good`: std::string -> bool.
template <typename Place, typename Good>
Key texts(std::string name, std::string allowed, Place place, Good is_good, std::string text) {
  return with_place({std::move(name), "list of texts", allowed, "[]", std::move(text),
                     [place, is_good, allowed](Config& config, const Value& value) -> std::optional<std::string> {
                       const auto* given = std::get_if<std::vector<std::string>>(&value);
                       if (given == nullptr) return "must be a list of " + allowed;
                       for (const std::string& one : *given)
                         if (!is_good(one)) return quoted(one) + " will not do; must be " + allowed;
                       place(config) = *given;
                       return std::nullopt;
                     }},
                    place);
}

}  // namespace iris::app
