// `irisctl status`: how the server does, in one JSON object.
#pragma once
#include "app/admin_commands.h"

namespace iris::app {

void add_status_command(admin::AdminSocket& socket, const AdminWorld& world);

}  // namespace iris::app
