// iris_sim: seeded runs of the whole engine in one process.
//
//   iris_sim [--runs N] [--seed S] [--users U] [--steps K] [--seconds T] [--expect-violation]
//
// Seeds are S, S+1, …; without --seed they start from chance, and the first is printed. A violation prints its seed;
// the same seed replays it. --expect-violation: exit 0 as soon as one is found, 1 if none is (for planted bugs).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "base/log.h"
#include "simulation.h"

namespace {

struct Arguments {
  std::uint64_t runs = 100, seed = 0, seconds = 0;
  unsigned users = 50, steps = 500;
  bool expect_violation = false;
};

bool parse(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--expect-violation") {
      out.expect_violation = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    auto value = std::strtoull(argv[++i], nullptr, 10);
    if (name == "--runs")
      out.runs = value;
    else if (name == "--seed")
      out.seed = value;
    else if (name == "--users")
      out.users = unsigned(value);
    else if (name == "--steps")
      out.steps = unsigned(value);
    else if (name == "--seconds")
      out.seconds = value;
    else
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fprintf(stderr,
                 "usage: iris_sim [--runs N] [--seed S] [--users U] [--steps K] [--seconds T] [--expect-violation]\n");
    return 2;
  }
  iris::base::set_log_level(iris::base::Level::error);
  auto first = arguments.seed ? arguments.seed : std::random_device{}() | 1u;
  std::printf("seeds from %llu, %u users, %u steps\n", static_cast<unsigned long long>(first), arguments.users,
              arguments.steps);
  iris::sim::Report sum;
  std::uint64_t done = 0;
  auto begin = std::chrono::steady_clock::now();
  auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  bool violated = false;
  for (; done < arguments.runs; ++done) {
    if (arguments.seconds && elapsed() > double(arguments.seconds)) break;
    auto report = iris::sim::run({first + done, arguments.users, arguments.steps});
    sum.messages += report.messages;
    sum.acked += report.acked;
    sum.deliveries += report.deliveries;
    sum.copies += report.copies;
    sum.lives += report.lives;
    sum.events += report.events;
    sum.bus_dropped += report.bus_dropped;
    sum.pages += report.pages;
    sum.flips += report.flips;
    sum.softs += report.softs;
    sum.held += report.held;
    sum.blocks += report.blocks;
    sum.bounced += report.bounced;
    for (std::size_t i = 0; i < iris::log::kCrashPoints; ++i) {
      sum.passed[i] += report.passed[i];
      sum.crashed[i] += report.crashed[i];
    }
    if (report.violations.empty()) continue;
    violated = true;
    std::printf("VIOLATION in run %llu: replay with --seed %llu --runs 1 --users %u --steps %u\n",
                static_cast<unsigned long long>(done + 1), static_cast<unsigned long long>(first + done),
                arguments.users, arguments.steps);
    for (const auto& violation : report.violations) std::printf("  %s\n", violation.c_str());
    ++done;
    break;
  }
  std::printf(
      "%llu runs in %.1f s: %llu messages, %llu acked, %llu deliveries, %llu carbons due, %llu lives of the node, %llu "
      "events, %llu Bus messages lost, %llu archive pages\n",
      static_cast<unsigned long long>(done), elapsed(), static_cast<unsigned long long>(sum.messages),
      static_cast<unsigned long long>(sum.acked), static_cast<unsigned long long>(sum.deliveries),
      static_cast<unsigned long long>(sum.copies), static_cast<unsigned long long>(sum.lives),
      static_cast<unsigned long long>(sum.events), static_cast<unsigned long long>(sum.bus_dropped),
      static_cast<unsigned long long>(sum.pages));
  std::printf(
      "%llu changes of presence, %llu soft stanzas, %llu of them held, %llu commands to block, %llu messages bounced\n",
      static_cast<unsigned long long>(sum.flips), static_cast<unsigned long long>(sum.softs),
      static_cast<unsigned long long>(sum.held), static_cast<unsigned long long>(sum.blocks),
      static_cast<unsigned long long>(sum.bounced));
  std::printf("%-28s %12s %8s\n", "crash point", "passed", "crashed");
  for (std::size_t i = 0; i < iris::log::kCrashPoints; ++i) {
    auto name = iris::log::to_string(static_cast<iris::log::CrashPoint>(i));
    std::printf("%-28.*s %12llu %8llu\n", int(name.size()), name.data(), static_cast<unsigned long long>(sum.passed[i]),
                static_cast<unsigned long long>(sum.crashed[i]));
  }
  if (arguments.expect_violation) return violated ? 0 : 1;
  return violated ? 1 : 0;
}
