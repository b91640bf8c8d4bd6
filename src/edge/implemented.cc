#include "edge/implemented.h"

#include <array>

namespace iris::edge {
namespace {

constexpr std::array kImplemented{
    Implements{"sasl", "RFC 4616", "The PLAIN SASL Mechanism", "", "complete", "on TLS only"},
    Implements{"sasl", "RFC 5802", "SCRAM", "", "complete", "SCRAM-SHA-1 and -PLUS"},
    Implements{"sasl", "RFC 7677", "SCRAM-SHA-256", "", "complete", "and SCRAM-SHA-256-PLUS"},
    Implements{"stream", "RFC 6120", "XMPP: Core", "", "partial", "client to server; no federation"},
    Implements{"stream", "RFC 7395", "XMPP over WebSocket", "", "complete", "at `/ws`"},
    Implements{"stream", "RFC 7622", "XMPP: Address Format", "", "complete", "PRECIS, one pinned Unicode version"},
    Implements{"disco", "XEP-0030", "Service Discovery", "2.5.0", "complete", "of the domain; no nodes"},
    Implements{"registration", "XEP-0077", "In-Band Registration", "2.4", "partial", "off unless configured; no forms"},
    Implements{"host_meta", "XEP-0156", "Discovering Alternative XMPP Connection Methods", "1.4.0", "complete",
               "WebSocket"},
    Implements{"stream_management", "XEP-0198", "Stream Management", "1.6.3", "complete", "with resumption"},
    Implements{"ping", "XEP-0199", "XMPP Ping", "2.0.1", "complete", "of the domain; of clients that are silent"},
    Implements{"stream", "XEP-0368", "SRV records for XMPP over TLS", "1.1.0", "complete",
               "direct TLS with ALPN; the records are the operator's"},
};

}  // namespace

std::span<const Implements> implemented() { return kImplemented; }

}  // namespace iris::edge
