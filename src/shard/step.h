// What a batch of records leaves behind, while it is filled and until it is durable.
#pragma once
#include <string>
#include <vector>

#include "shard/apply.h"
#include "shard/entity.h"
#include "shard/shard.h"

namespace iris::shard {

struct Shard::Step {
  store::Step out;
  std::vector<Window::Ticket> tickets;
  std::vector<base::SteadyTime> fed;  // of each record applied, when the log handed it over: for the metric
  std::vector<Entity*> touched;       // pinned by their step counts until persisted
  struct Soft {                       // sent when persisted (rule D3)
    std::string jid;
    std::vector<Apply::Answer> answers;
    std::vector<Apply::Notice> notices;
  };
  std::vector<Soft> softs;
};

}  // namespace iris::shard
