// The lines of the admin socket, as values. For admin/ itself.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace iris::admin {

struct AdminRequest {
  std::string command;
  std::string args;   // a JSON object as text
  std::string whose;  // for the log: the account or session that it is about, or how many; short, and no secret
};

// Lines are JSON without their end of line. Errc::invalid for what is not of the form.
std::string write_request(const AdminRequest& request);
base::Result<AdminRequest> read_request(std::string_view line);
std::string write_answer(const base::Result<std::string>& answer);
base::Result<std::string> read_answer(std::string_view line);

}  // namespace iris::admin
