// irisd: the server. See app/irisd.h.
#include "app/irisd.h"

#ifdef IRIS_JEMALLOC
// What is freed goes back to the system within seconds, also from a thread that does nothing any more: after a storm of
// logins a server of mostly idle sessions is as small as it was before. Read by jemalloc before main(); the name and
// the type are its own (jemalloc(3), TUNING). MALLOC_CONF in the environment goes before it.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:5000";
}
#endif

int main(int argc, char** argv) { return iris::app::irisd_main(argc, argv); }
