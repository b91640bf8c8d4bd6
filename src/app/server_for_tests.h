// For tests: a whole server in this process, on a folder of its own and free ports.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/config_file.h"
#include "app/files.h"
#include "app/init.h"
#include "app/irisctl.h"
#include "app/server.h"
#include "io/system_random.h"

namespace iris::app {

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "Debian's RocksDB is not built for the thread sanitizer, which then sees races that are none";
#endif
  }
  ServerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "iris-server-XXXXXX").string();
    data_ = ::mkdtemp(pattern.data());
    auto told = init({.data = data_, .base_port = 5222});
    EXPECT_TRUE(told) << told.error().message;
  }
  ~ServerTest() override {
    server_.reset();
    std::filesystem::remove_all(data_);
  }

  Config config() {
    Config out = std::get<Config>(load_config(data_ + "/iris.toml"));
    const net::Address any{.ip = "127.0.0.1", .port = 0};
    out.listen = {{any}, {any}, {any}, {any}, {any}};
    out.loops = 2;
    out.edge.scram_iterations = 4096;
    return out;
  }
  // What `failed` was told, or empty when clients are accepted.
  std::string start(Config with) {
    auto secrets = read_or_make_secrets(data_, io::system_random());
    auto outcome = std::make_shared<std::promise<std::string>>();
    auto opened = Server::open(std::move(with), *secrets,
                               [outcome](const base::Error& error) { outcome->set_value(error.message); });
    if (!opened) return opened.error().message;
    server_ = std::move(opened).value();
    server_->start([outcome] { outcome->set_value(""); });
    return outcome->get_future().get();
  }
  // Its exit code; what it printed is in out_ and err_.
  int irisctl(std::vector<std::string> args) {
    std::vector<const char*> argv{"irisctl", "--data", data_.c_str()};
    for (const std::string& arg : args) argv.push_back(arg.c_str());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = irisctl_main(static_cast<int>(argv.size()), argv.data());
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  std::string write_csv(const std::string& text) {
    const std::string path = data_ + "/accounts.csv";
    EXPECT_TRUE(write_file(path, text, 0600));
    return path;
  }

  std::string data_, out_, err_;
  std::unique_ptr<Server> server_;
};

}  // namespace iris::app
