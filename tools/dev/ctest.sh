#!/usr/bin/env bash
# ctest.sh KIND LABELS: runs the CTest tests with these labels (a regular expression) in build/KIND. No test is a failure.
set -euo pipefail
kind=$1 labels=$2
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# Libraries that are not built for the thread sanitizer (RocksDB, OpenSSL) synchronise where it does not see it.
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1
exec ctest --test-dir "build/$kind" -L "^($labels)\$" --no-tests=error --output-on-failure -j "$(nproc)"
