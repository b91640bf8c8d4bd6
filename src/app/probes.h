// What /readyz looks at.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "admin/pages.h"
#include "app/place.h"

namespace iris::app {

// All that is named outlives the probes. They read atomics only.
std::vector<admin::Probe> make_probes(const std::atomic<bool>& ready, const std::atomic<bool>& stopping,
                                      const std::vector<std::unique_ptr<Place>>& places);

}  // namespace iris::app
