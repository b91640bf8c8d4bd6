#include "module/offline.h"

#include <array>

namespace iris::module {
namespace {

// XEP-0160 §4: of the server
constexpr std::array<std::string_view, 1> kFeatures{"msgoffline"};

class Offline final : public shard::Module {
 public:
  std::string_view name() const override { return "offline"; }
  std::span<const std::string_view> domain_features() const override { return kFeatures; }
};

}  // namespace

std::unique_ptr<shard::Module> make_offline() { return std::make_unique<Offline>(); }

}  // namespace iris::module
