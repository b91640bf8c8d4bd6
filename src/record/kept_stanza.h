// A stanza that is kept for long and seldom looked at, as its bytes: half of what the message would take in memory.
#pragma once
#include <string>

#include "base/check.h"
#include "record/record.pb.h"

namespace iris::record {

class KeptStanza {
 public:
  KeptStanza& operator=(const Stanza& stanza) {
    bytes_ = stanza.SerializeAsString();
    bytes_.shrink_to_fit();
    return *this;
  }
  Stanza get() const {
    Stanza out;
    IRIS_CHECK(out.ParseFromString(bytes_));
    return out;
  }

 private:
  std::string bytes_;
};

}  // namespace iris::record
