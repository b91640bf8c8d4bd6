// The features of connections and of the domain, in the order in which they are asked. One line each; its files are
// feature/<name>.cc and feature/<name>_test.cc, and it has a row in implemented.cc.
#include "edge/feature.h"

// Declares the feature's factory where it is used: defined in feature/<name>.cc.
#define IRIS_FEATURE(name)                               \
  std::unique_ptr<Feature> make_##name##_feature(Edge&); \
  out.push_back(make_##name##_feature(edge));

namespace iris::edge {

std::vector<std::unique_ptr<Feature>> make_features(Edge& edge) {
  std::vector<std::unique_ptr<Feature>> out;
  IRIS_FEATURE(stream_management)
  IRIS_FEATURE(csi)
  IRIS_FEATURE(registration)
  IRIS_FEATURE(disco)
  IRIS_FEATURE(ping)
  IRIS_FEATURE(version)
  IRIS_FEATURE(time)
  IRIS_FEATURE(contact)
  IRIS_FEATURE(limits)
  IRIS_FEATURE(caps)
  IRIS_FEATURE(roster)
  IRIS_FEATURE(last_activity)
  return out;
}

}  // namespace iris::edge
