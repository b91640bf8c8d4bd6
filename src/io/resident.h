// What a loop keeps alive by itself.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

namespace iris::io {

// Something that lives on a loop though nobody else may hold it: an open connection.
class Resident {
 public:
  virtual ~Resident() = default;
  // The loop ends (or its simulated node crashes): let go of everything that belongs to it, and call no one there.
  virtual void loop_ended() = 0;
};

// The part of a loop that keeps residents. On the loop's thread.
class Residence {
 public:
  // Kept until removed or until the loop ends; on one that has ended, loop_ended() comes at once.
  void add_resident(std::shared_ptr<Resident> resident);
  void remove_resident(Resident& resident);

 protected:
  ~Residence() = default;
  // In the order of arrival.
  void end_residents();

 private:
  std::map<std::uint64_t, std::shared_ptr<Resident>> residents_;
  std::unordered_map<Resident*, std::uint64_t> numbers_;
  std::uint64_t next_ = 0;
  bool ended_ = false;
};

}  // namespace iris::io
