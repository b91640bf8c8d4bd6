#include "app/start_check.h"

#include "app/deployment_file.h"
#include "app/secrets.h"
#include "app/sites.h"

namespace iris::app {

base::Status check_start(const Config& config) {
  if (!config.web.empty()) {
    if (auto files = load_web_files(config); !files) return base::Error{base::Errc::invalid, files.error().message};
  }
  if (auto same = check_deployment_file(config); !same) return same;
  auto secrets = read_secrets(config.data);
  if (!secrets && secrets.error().code != base::Errc::not_found) return secrets.error();  // a start makes them
  return base::ok();
}

}  // namespace iris::app
