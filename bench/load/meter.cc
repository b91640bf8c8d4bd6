#include "load/meter.h"

#include <string>

namespace iris::load {

void Meter::start() {
  if (sees_server()) before_ = usage_of(server_);
  own_before_ = own_cpu_seconds();
  began_ = now();
}

void Meter::stop() {
  ended_ = now();
  own_after_ = own_cpu_seconds();
  if (sees_server()) after_ = usage_of(server_);
}

void Meter::report(Report& report, double count, const char* what) const {
  report.figure("measured_seconds", seconds(), "s");
  report.figure("generator_core_percent", 100 * (own_after_ - own_before_) / seconds(), "% of a core");
  if (!sees_server()) return;
  if (after_.processes == 0) return report.fault("the server's process is gone");
  report.figure("server_core_percent", 100 * server_cpu_seconds() / seconds(), "% of a core");
  report.figure("server_cpu_user_seconds", after_.user_seconds - before_.user_seconds, "s");
  report.figure("server_cpu_system_seconds", after_.system_seconds - before_.system_seconds, "s");
  report.figure("server_resident_mib", static_cast<double>(after_.resident_bytes) / (1U << 20U), "MiB");
  if (count > 0) report.figure("server_cpu_us_per_" + std::string(what), 1e6 * server_cpu_seconds() / count, "µs");
}

}  // namespace iris::load
