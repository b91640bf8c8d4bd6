// The program irisd: parses the command line and does what it says; running the server is server.h's.
#pragma once

namespace iris::app {

int irisd_main(int argc, const char* const* argv);

}  // namespace iris::app
