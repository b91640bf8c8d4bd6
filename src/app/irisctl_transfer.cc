#include "app/irisctl_transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/files.h"
#include "app/irisctl_import.h"
#include "app/irisctl_output.h"
#include "xml/push_parser.h"
#include "xml/writer.h"

namespace iris::app {
namespace {

using base::Errc;
using base::Error;
using Json = nlohmann::ordered_json;
using xml::Element;

constexpr std::string_view kPie = "urn:xmpp:pie:0", kPieScram = "urn:xmpp:pie:0#scram",
                           kPieArchive = "urn:xmpp:pie:0#mam", kMam = "urn:xmpp:mam:2",
                           kInclude = "http://www.w3.org/2001/XInclude";
constexpr std::size_t kRequestBytes = 1 << 20;  // of archived messages; a request of the socket may have sixteen
constexpr std::size_t kRequestBytesMax = (16 << 20) - 1024;
constexpr int kIncludesDeep = 4;
// What an account says takes some thirty bytes a node; a name stands in each element again that has it.
constexpr std::uint64_t kBytesOfNode = 16, kTreeFactor = 4;

// ---------------------------------------------------------------- export

base::Result<Json> ask_part(const IrisctlCommand& command, const char* part, const std::string& after) {
  auto args = encode(Json{{"user", command.user}, {"part", part}, {"after", after}});
  if (!args) return args.error();
  auto result = ask(command.data, "account-export", *args);
  if (!result) return result.error();
  return Json::parse(*result, nullptr, false);
}

class Output {
 public:
  // Keys are as good as passwords: nobody else may read the file (XEP-0227 §6).
  explicit Output(const std::string& path)
      : fd_(path.empty() || path == "-" ? STDOUT_FILENO
                                        : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (fd_ > STDOUT_FILENO && ::fchmod(fd_, 0600) != 0) good_ = false;
  }
  ~Output() {
    if (fd_ > STDOUT_FILENO) ::close(fd_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  bool good() const { return good_ && fd_ >= 0; }
  void write(std::string_view text) {
    while (good() && !text.empty()) {
      const ssize_t put = ::write(fd_, text.data(), text.size());
      if (put < 0) good_ = false;
      if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  void finish() {
    if (fd_ > STDOUT_FILENO && good_ && ::fsync(fd_) != 0) good_ = false;
  }

 private:
  int fd_;
  bool good_ = true;
};

base::Status write_pages(const IrisctlCommand& command, const char* part, Output& out) {
  std::string after;
  do {
    auto page = ask_part(command, part, after);
    if (!page) return page.error();
    out.write(page->value("xml", ""));
    after = page->value("next", "");
  } while (!after.empty() && out.good());
  return base::ok();
}

// ---------------------------------------------------------------- import

base::Result<Element> parse_file(std::string_view text, std::uint64_t bytes_max) {
  while (!text.empty() && (text.front() == '\xef' || text.front() == '\xbb' || text.front() == '\xbf'))
    text.remove_prefix(1);
  if (text.starts_with("<?xml"))
    if (const auto end = text.find("?>"); end != std::string_view::npos) text.remove_prefix(end + 2);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  xml::ParserLimits limits = xml::kOwnLimits;
  limits.depth_max = 512;
  limits.children_max = bytes_max / kBytesOfNode;
  limits.tree_bytes_max = bytes_max * kTreeFactor;
  auto parsed = xml::parse_document(text, limits);
  if (const auto* error = std::get_if<xml::ParseError>(&parsed))
    return Error{Errc::invalid, std::string(xml::to_string(error->fault)) + ": " + error->text};
  return std::move(std::get<Element>(parsed));
}

base::Result<std::string> read_all(std::istream& in, std::uint64_t bytes_max) {
  std::string text;
  std::vector<char> buffer(1 << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > bytes_max) return Error{Errc::invalid, "more than " + std::to_string(bytes_max) + " bytes"};
  }
  if (in.bad()) return Error{Errc::unavailable, "cannot be read to its end"};
  return text;
}

constexpr std::string_view kAdvice =
    ". Put accounts into files of their own, which it includes (XEP-0227 §5), or allow more with --file-max";

struct Problem {
  std::string who, what;
};

class ServerData {
 public:
  ServerData(const IrisctlCommand& command, std::filesystem::path folder)
      : command_(command), folder_(std::move(folder)) {}

  void take(const Element& root) {
    if (root.is("server-data", kPie))
      each(root, folder_, 0, [this](const Element& child, const auto& folder) { host(child, folder); });
    else if (root.is("host", kPie))
      host(root, folder_);
    else
      problem("", "the root is <" + root.name + "/>, not <server-data xmlns='urn:xmpp:pie:0'/> (XEP-0227)");
  }

  std::size_t added() const { return added_; }
  std::size_t archived() const { return archived_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const std::vector<Problem>& ignored() const { return ignored_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  // The children, with XInclude's in their places (XEP-0227 §5).
  template <typename Visit>
  void each(const Element& parent, const std::filesystem::path& folder, int deep, Visit&& visit) {
    for (const auto* child : parent.elements()) {
      if (error_) return;
      if (!child->is("include", kInclude)) {
        visit(*child, folder);
        continue;
      }
      const auto href = std::filesystem::path(child->attribute_or("href", ""));
      if (deep >= kIncludesDeep || href.empty() || href.is_absolute() || child->attribute("parse") ||
          child->attribute("xpointer")) {
        problem("", "an <include/> that is not a relative path is not followed: " + href.string());
        continue;
      }
      auto text = read_file((folder / href).string(), command_.file_bytes_max);
      auto root = text ? parse_file(*text, command_.file_bytes_max) : base::Result<Element>(text.error());
      if (text) std::string().swap(*text);
      if (!root)
        problem("", href.string() + ": " + root.error().message);
      else
        visit(*root, (folder / href).parent_path());
    }
  }

  void host(const Element& host, const std::filesystem::path& folder) {
    if (!host.is("host", kPie)) return ignore("", host);
    const std::string domain(host.attribute_or("jid", ""));
    each(host, folder, 1, [this, &domain](const Element& child, const auto&) { user(child, domain); });
  }

  void user(const Element& user, const std::string& domain) {
    if (!user.is("user", kPie)) return ignore(domain, user);
    const std::string jid = std::string(user.attribute_or("name", "")) + "@" + domain;
    if (!create(user, jid)) return;
    ++added_;
    std::string rest;
    after_.clear();
    // The archive first: its messages must lie before what comes by the log.
    for (const auto* child : user.elements())
      if (child->is("archive", kPieArchive)) archive(*child, jid);
    for (const auto* child : user.elements())
      if (!child->is("archive", kPieArchive) && !child->is("scram-credentials", kPieScram))
        rest += child->serialize(kPie);
    if (!rest.empty()) send(jid, rest);
  }

  bool create(const Element& user, const std::string& jid) {
    Json account{{"line", 0}, {"user", jid}};
    for (const auto* keys : user.elements("scram-credentials", kPieScram)) {
      const std::string mechanism(keys->attribute_or("mechanism", ""));
      if (mechanism != "SCRAM-SHA-1" && mechanism != "SCRAM-SHA-256") {
        ignored_.push_back({jid, "keys for " + mechanism});
        continue;
      }
      std::uint64_t iterations = 0;
      const std::string count = keys->child_text("iter-count", kPieScram);
      std::from_chars(count.data(), count.data() + count.size(), iterations);
      account["keys"].push_back({{"mechanism", mechanism},
                                 {"iterations", iterations},
                                 {"salt", keys->child_text("salt", kPieScram)},
                                 {"stored_key", keys->child_text("stored-key", kPieScram)},
                                 {"server_key", keys->child_text("server-key", kPieScram)}});
    }
    if (const auto password = user.attribute("password"); password && !account.contains("keys"))
      account["password"] = std::string(*password);
    if (!account.contains("keys") && !account.contains("password"))
      return problem(jid, "has neither keys for SCRAM-SHA-1 or SCRAM-SHA-256 nor a password"), false;
    const auto answer = call("account-import", Json{{"accounts", Json::array({account})}});
    if (!answer) return false;
    for (const auto& failed : answer->value("failed", Json::array()))
      return problem(jid, failed.value("error", "")), false;
    return true;
  }

  void archive(const Element& archive, const std::string& jid) {
    const std::string head = "<archive xmlns='urn:xmpp:pie:0#mam'>", foot = "</archive>";
    std::string batch;
    for (const auto* result : archive.elements("result", kMam)) {
      batch += result->serialize(kPieArchive);
      if (batch.size() < kRequestBytes) continue;
      send(jid, head + std::exchange(batch, {}) + foot);
    }
    if (!batch.empty()) send(jid, head + batch + foot);
  }

  void send(const std::string& jid, const std::string& xml) {
    const auto answer = call("account-restore", Json{{"user", jid}, {"xml", xml}, {"after", after_}}, jid);
    if (!answer) return;
    archived_ += answer->value("archived", std::size_t{0});
    after_ = answer->value("after", after_);
    for (const auto& one : answer->value("ignored", Json::array())) ignored_.push_back({jid, one.get<std::string>()});
  }

  // Nothing: it went wrong, which is noted; if the server is gone, all ends.
  std::optional<Json> call(const char* name, const Json& args, const std::string& jid = {}) {
    if (error_) return std::nullopt;
    auto text = encode(args);
    if (text && text->size() > kRequestBytesMax) {
      problem(jid, "one piece of it has " + std::to_string(text->size()) + " bytes, more than the server takes");
      return std::nullopt;
    }
    auto result = text ? ask(command_.data, name, *text) : text;
    if (result) return Json::parse(*result, nullptr, false);
    if (result.error().code == Errc::unavailable)
      error_ = result.error();
    else
      problem(jid, result.error().message);
    return std::nullopt;
  }

  void problem(const std::string& who, std::string what) { problems_.push_back({who, std::move(what)}); }
  void ignore(const std::string& who, const Element& element) {
    ignored_.push_back({who, "<" + element.name + " xmlns='" + element.ns + "'/>"});
  }

  const IrisctlCommand& command_;
  const std::filesystem::path folder_;
  std::string after_;  // stamp of the last archived message of this account
  std::size_t added_ = 0, archived_ = 0;
  std::vector<Problem> problems_, ignored_;
  std::optional<Error> error_;
};

Json to_json(const std::vector<Problem>& problems) {
  Json out = Json::array();
  for (const auto& one : problems) out.push_back({{"user", one.who}, {"error", one.what}});
  return out;
}

}  // namespace

int export_account(const IrisctlCommand& command) {
  auto data = ask_part(command, "data", "");
  if (!data) return fail(command, data.error());
  const std::string user = data->value("user", "");
  const auto at = user.find('@');
  Output out(command.file);
  if (!out.good()) return fail(command, {Errc::invalid, "cannot write " + command.file});
  std::string head = "<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='urn:xmpp:pie:0'>\n<host";
  xml::append_attribute(head, "jid", user.substr(at + 1));
  head += ">\n<user";
  xml::append_attribute(head, "name", user.substr(0, at));
  out.write(head + ">\n" + data->value("xml", "") + "<offline-messages>\n");
  if (auto done = write_pages(command, "offline", out); !done) return fail(command, done.error());
  out.write("</offline-messages>\n<archive xmlns='urn:xmpp:pie:0#mam'>\n");
  if (auto done = write_pages(command, "archive", out); !done) return fail(command, done.error());
  out.write("</archive>\n</user>\n</host>\n</server-data>\n");
  out.finish();
  if (!out.good()) return fail(command, {Errc::no_space, "could not write all of " + command.file});
  const bool to_file = !command.file.empty() && command.file != "-";
  if (!to_file) return static_cast<int>(Exit::good);
  return succeed(command, Json{{"user", user}, {"file", command.file}}, "exported " + user + " to " + command.file);
}

int import_server_data(const IrisctlCommand& command, std::istream& in) {
  auto text = read_all(in, command.file_bytes_max);
  if (!text) return fail(command, {text.error().code, command.file + ": " + text.error().message + kAdvice.data()});
  auto root = parse_file(*text, command.file_bytes_max);
  if (!root) return fail(command, {Errc::invalid, command.file + ": " + root.error().message});
  std::string().swap(*text);
  ServerData data(command, std::filesystem::path(command.file).parent_path());
  data.take(*root);
  const Json result{{"added", data.added()},
                    {"archived", data.archived()},
                    {"failed", to_json(data.problems())},
                    {"ignored", to_json(data.ignored())}};
  if (!command.json) {
    for (const auto* list : {&data.problems(), &data.ignored()})
      for (const auto& one : *list)
        std::cerr << command.file << ": " << one.who << (one.who.empty() ? "" : ": ")
                  << (list == &data.ignored() ? "ignored: " : "") << one.what << "\n";
  }
  if (data.error()) return fail(command, *data.error());
  const std::string told = "added " + std::to_string(data.added()) + " accounts, with " +
                           std::to_string(data.archived()) + " archived messages";
  if (data.problems().empty()) return succeed(command, result, told);
  if (command.json)
    std::cout << Json{{"ok", false}, {"code", "invalid"}, {"error", "some failed"}, {"result", result}}.dump() << "\n";
  else
    std::cerr << "irisctl: " << told << "; " << data.problems().size() << " failed\n";
  return static_cast<int>(Exit::failed);
}

}  // namespace iris::app
