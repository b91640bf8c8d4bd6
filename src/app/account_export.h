// Half of account_transfer.h.
#pragma once
#include "app/admin_commands.h"

namespace iris::app {

void export_account(const AdminWorld& world, const std::string& args, admin::AdminSocket::Reply reply);

}  // namespace iris::app
