// The opening handshake of WebSocket, RFC 6455 §4.2, without I/O. For net/ itself.
#pragma once
#include <string_view>

#include "net/http.h"

namespace iris::net {

// 101 if `request` is a proper opening for `subprotocol`, else the refusal. Origin is not looked at: a page of another
// site gets nothing from an open door, since those behind it log in inside the stream and not by cookie.
HttpResponse answer_upgrade(const HttpRequest& request, std::string_view subprotocol);

}  // namespace iris::net
