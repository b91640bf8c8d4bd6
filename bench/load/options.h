// What was asked for on the command line.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "load/target.h"

namespace iris::load {

// Exit codes, so that scripts can tell.
enum class Exit {
  good = 0,
  failed = 1,       // it ran, and something that must not be was: a lost message, a session refused
  usage = 2,        // the command line is wrong
  unavailable = 3,  // the server cannot be reached, or lets nobody in
};

struct CommonOptions {
  Target target;
  std::string host = "127.0.0.1";
  std::uint16_t port = 5222;
  std::uint32_t first_account = 0, account_step = 1;
  std::uint32_t parallel = 64;
  std::vector<int> server_pids;
  std::string json_path, label, keys_path;
  bool quiet = false;
};

struct ChatOptions {
  std::uint32_t pairs = 100;
  double seconds = 10, warmup_seconds = 2, drain_seconds = 60;
  double rate = 0;  // messages per second of all; 0: closed loop
  std::uint32_t window = 50;
  std::uint32_t body_bytes = 80;
  bool transient = false;
  std::uint32_t idle_sessions = 0;    // that are there too, and say nothing
  std::uint64_t stored_messages = 0;  // before it is measured
  double fill_seconds_max = 1800;
};

struct IdleOptions {
  std::uint32_t sessions = 1000;
  double settle_seconds = 5, seconds = 10;
  double ping_seconds = 60;  // between two pings of a session; 0: none
  bool stream_management = false;
};

struct LoginOptions {
  std::uint32_t accounts = 1000;
  double seconds = 10, warmup_seconds = 2, drain_seconds = 30;
  double rate = 0;  // logins per second; 0: closed loop
  bool tls_resumption = false;
};

struct StormOptions {
  std::uint32_t sessions = 1000;
  bool resume = true;
  bool tls_resumption = false;
  std::uint32_t at_once = 0;  // 0: all
  std::uint32_t bystander_pairs = 50;
  double bystander_rate = 100;
  double calm_seconds = 5, seconds_max = 180;
};

struct OfflineOptions {
  std::uint32_t senders = 20, recipients = 1000, messages_each = 100;
  std::uint32_t body_bytes = 80;
  double seconds_max = 600;  // for each of the two halves
};

struct ArchiveOptions {
  std::uint32_t senders = 10, readers = 10, messages_each = 10'000;
  std::uint32_t page = 50;
  std::uint32_t slices = 100;
  double seconds = 10;  // of each of the two ways to page
  double fill_seconds_max = 600;
};

struct PresenceOptions {
  std::uint32_t roster = 200, groups = 2;
  double seconds = 10, warmup_seconds = 2, drain_seconds = 30, setup_seconds_max = 600;
};

struct AccountsOptions {
  std::string form = "csv";
  std::uint32_t count = 1000;
};

struct Options {
  CommonOptions common;
  std::variant<ChatOptions, IdleOptions, LoginOptions, StormOptions, OfflineOptions, ArchiveOptions, PresenceOptions,
               AccountsOptions>
      workload;
};

}  // namespace iris::load
