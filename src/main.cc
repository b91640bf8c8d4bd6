// irisd: the server. See app/irisd.h.
#include "app/irisd.h"

int main(int argc, char** argv) { return iris::app::irisd_main(argc, argv); }
