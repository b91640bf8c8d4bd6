// irisctl: accounts and status of a running irisd. See app/irisctl.h.
#include "app/irisctl.h"

int main(int argc, char** argv) { return iris::app::irisctl_main(argc, argv); }
