// "Did you mean …?"
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace iris::app {

// Steps of typing (insert, drop, replace, swap of neighbours) from one word to the other.
std::size_t typing_distance(std::string_view a, std::string_view b);

// The known word nearest to `word`, or empty if none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace iris::app
