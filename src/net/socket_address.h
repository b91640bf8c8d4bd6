// Between Address and the kernel's form. For net/ itself.
#pragma once
#include <sys/socket.h>

#include "net/address.h"

namespace iris::net {

// False for an address that is not numeric.
bool to_sockaddr(const Address& address, sockaddr_storage& out, socklen_t& size);
Address from_sockaddr(const sockaddr_storage& in);
Address local_address_of(int fd);
Address peer_address_of(int fd);

}  // namespace iris::net
