// The program irisctl: asks a running irisd over its admin socket and says what came of it.
#pragma once

namespace iris::app {

int irisctl_main(int argc, const char* const* argv);

}  // namespace iris::app
