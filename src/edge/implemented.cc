#include "edge/implemented.h"

#include <array>

namespace iris::edge {
namespace {

using xmpp::Implements;

constexpr std::array kImplemented{
    Implements{"sasl", "RFC 4616", "The PLAIN SASL Mechanism", "", "complete",
               "on TLS only; a password is compared as prepared by OpaqueString (RFC 8265) in place of SASLprep"},
    Implements{"sasl", "RFC 5802", "SCRAM", "", "complete",
               "SCRAM-SHA-1 and -PLUS; passwords are prepared by OpaqueString (RFC 8265), which has taken the place of "
               "SASLprep: the same for ASCII, and no compatibility forms (NFC, not NFKC) for the rest"},
    Implements{"sasl", "RFC 7677", "SCRAM-SHA-256", "", "complete", "and SCRAM-SHA-256-PLUS"},
    Implements{"stream", "RFC 6120", "XMPP: Core", "", "partial", "client to server; no federation"},
    Implements{"roster", "RFC 6121", "Stream features (sections 2.6.1, 3.4)", "", "complete", ""},
    Implements{"stream", "RFC 7395", "XMPP over WebSocket", "", "complete", "at `/ws`"},
    Implements{"stream", "RFC 7622", "XMPP: Address Format", "", "complete", "PRECIS, one pinned Unicode version"},
    Implements{"last_activity", "XEP-0012", "Last Activity", "2.0", "complete", "of the domain: since the start"},
    Implements{"disco", "XEP-0030", "Service Discovery", "2.5.0", "complete", "of the domain; no items"},
    Implements{"version", "XEP-0092", "Software Version", "1.1", "complete", "of the domain, unless hidden"},
    Implements{"caps", "XEP-0115", "Entity Capabilities", "1.6.0", "complete", "of the domain, SHA-1"},
    Implements{"registration", "XEP-0077", "In-Band Registration", "2.4", "complete",
               "new accounts only where configured; name and password, no forms (section 4) and no redirection (5)"},
    Implements{"host_meta", "XEP-0156", "Discovering Alternative XMPP Connection Methods", "1.4.0", "complete",
               "WebSocket"},
    Implements{"contact", "XEP-0157", "Contact Addresses for XMPP Services", "1.1.1", "complete", "as configured"},
    Implements{"stream_management", "XEP-0198", "Stream Management", "1.6.3", "complete", "with resumption"},
    Implements{"ping", "XEP-0199", "XMPP Ping", "2.0.1", "complete", "of the domain; of clients that are silent"},
    Implements{"time", "XEP-0202", "Entity Time", "2.0", "complete", "of the domain: UTC"},
    Implements{"csi", "XEP-0352", "Client State Indication", "1.0.0", "complete",
               "presence and chat states are held, of each sender the newest"},
    Implements{"stream", "XEP-0368", "SRV records for XMPP over TLS", "1.1.0", "complete",
               "direct TLS with ALPN; the records are the operator's"},
    Implements{"sasl", "XEP-0440", "SASL Channel-Binding Type Capability", "1.0.0", "complete",
               "tls-exporter and tls-server-end-point"},
    Implements{"sasl", "XEP-0474", "SASL SCRAM Downgrade Protection", "0.5.0", "complete", ""},
    Implements{"limits", "XEP-0478", "Stream Limits Advertisement", "0.2.0", "complete", ""},
};

}  // namespace

std::span<const xmpp::Implements> implemented() { return kImplemented; }

}  // namespace iris::edge
