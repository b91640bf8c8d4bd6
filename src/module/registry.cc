#include "module/registry.h"

#include <array>
#include <string>

#include "module/account.h"
#include "module/archive.h"
#include "module/archive_preferences.h"
#include "module/blocking.h"
#include "module/carbons.h"
#include "module/disco.h"
#include "module/last_activity.h"
#include "module/message.h"
#include "module/offline.h"
#include "module/ping.h"
#include "module/presence.h"
#include "module/private_storage.h"
#include "module/roster.h"
#include "module/strangers.h"
#include "module/vcard.h"

// One line per module. The order is the order of hooks: `account` first, so that the others see existing accounts only,
// then `blocking`, so that they see what is not blocked only.
#define IRIS_MODULES(IRIS_MODULE)  \
  IRIS_MODULE(account)             \
  IRIS_MODULE(blocking)            \
  IRIS_MODULE(message)             \
  IRIS_MODULE(roster)              \
  IRIS_MODULE(presence)            \
  IRIS_MODULE(archive)             \
  IRIS_MODULE(archive_preferences) \
  IRIS_MODULE(offline)             \
  IRIS_MODULE(carbons)             \
  IRIS_MODULE(ping)                \
  IRIS_MODULE(private_storage)     \
  IRIS_MODULE(vcard)               \
  IRIS_MODULE(last_activity)       \
  IRIS_MODULE(strangers)

namespace iris::module {
namespace {

using xmpp::Implements;

constexpr std::array kImplemented{
    Implements{"account", "RFC 6121", "Stanzas to an account that does not exist (section 8.5.1)", "", "complete", ""},
    Implements{"message", "RFC 6121", "Exchanging messages (sections 5, 8.5)", "", "complete",
               "to a bare JID: to every resource whose priority is not negative, chat too"},
    Implements{"roster", "RFC 6121", "Roster and subscriptions (sections 2, 3, appendix A)", "", "complete",
               "versioning: nothing or the whole roster, no interim pushes; pre-approval"},
    Implements{"presence", "RFC 6121", "Exchanging presence (sections 4, 8.5)", "", "complete", ""},
    Implements{"strangers", "RFC 6121", "What strangers learn (sections 8.1, 8.5.1, 8.5.3.1)", "", "complete",
               "queries to an account that does not exist are answered as by one that nobody uses; with "
               "`account.cautious` messages to it are silently ignored, and IQs to a full JID are held back"},
    Implements{"last_activity", "XEP-0012", "Last Activity", "2.0", "complete",
               "account's bare JID; after a crash nobody was seen later than the start"},
    Implements{"disco", "XEP-0030", "Service Discovery", "2.5.0", "complete",
               "account's bare JID; the domain is the edge's"},
    Implements{"private_storage", "XEP-0049", "Private XML Storage", "1.2", "complete", "no namespaces are reserved"},
    Implements{"vcard", "XEP-0054", "vcard-temp", "1.3.0", "complete", "of accounts; the domain has none"},
    Implements{"archive", "XEP-0059", "Result Set Management", "1.0", "complete",
               "neither count nor pages by index: an archive is not counted"},
    Implements{"offline", "XEP-0160", "Best Practices for Handling Offline Messages", "1.0.1", "complete",
               "up to account.offline_messages_max"},
    Implements{"blocking", "XEP-0191", "Blocking Command", "1.3", "complete",
               "what was in the inbox before the block is still delivered"},
    Implements{"ping", "XEP-0199", "XMPP Ping", "2.0.1", "complete", "account's bare JID"},
    Implements{"message", "XEP-0203", "Delayed Delivery", "2.0", "complete",
               "on what is delivered late; what a client says in the name of the server is dropped"},
    Implements{"account", "XEP-0227", "Portable Import/Export Format for XMPP-IM Servers", "1.1", "partial",
               "`irisctl account export` and `import`; block lists in an element of XEP-0191; no privacy lists"},
    Implements{"carbons", "XEP-0280", "Message Carbons", "1.0.1", "complete",
               "with all of `rules:0`; an error is copied if it names the id of a recent message that was"},
    Implements{"archive", "XEP-0297", "Stanza Forwarding", "1.0", "complete", "in archive results and carbons"},
    Implements{"archive", "XEP-0313", "Message Archive Management", "1.1.3", "complete",
               "with urn:xmpp:mam:2#extended"},
    Implements{"message", "XEP-0334", "Message Processing Hints", "1.0.0", "complete", "by the stanza table"},
    Implements{"archive_preferences", "XEP-0441", "Message Archive Management Preferences", "0.2.0", "complete", ""},
    Implements{"message", "XEP-0359", "Unique and Stable Stanza IDs", "0.7.0", "complete", ""},
};

}  // namespace

std::vector<std::unique_ptr<shard::Module>> make_modules() {
  std::vector<std::unique_ptr<shard::Module>> out;
#define IRIS_MODULE(name) out.push_back(make_##name());
  IRIS_MODULES(IRIS_MODULE)
#undef IRIS_MODULE
  std::vector<std::string> features;
  for (const auto& module : out) features.insert(features.end(), module->features().begin(), module->features().end());
  out.push_back(make_disco(std::move(features)));  // last: it speaks for the others
  return out;
}

std::span<const xmpp::Implements> implemented() { return kImplemented; }

std::vector<std::string> domain_features() {
  std::vector<std::string> out;
  for (const auto& module : make_modules())
    out.insert(out.end(), module->domain_features().begin(), module->domain_features().end());
  return out;
}

}  // namespace iris::module
