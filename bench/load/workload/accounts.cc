// The accounts that the workloads expect, in the form in which a server takes them.
#include <cstdio>

#include "load/workload/workloads.h"

namespace iris::load {
namespace {

// irisctl account import
void print_csv(const Target& target, std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = first; i < first + count; ++i)
    std::printf("%s,%s\n", target.bare_jid(i).c_str(), target.password.c_str());
}

// ejabberdctl import_piefxis (XEP-0227)
void print_xml(const Target& target, std::uint32_t first, std::uint32_t count) {
  std::printf("<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='%s'>\n",
              target.domain.c_str());
  for (std::uint32_t i = first; i < first + count; ++i)
    std::printf("<user name='%s' password='%s'/>\n", target.user(i).c_str(), target.password.c_str());
  std::printf("</host>\n</server-data>\n");
}

}  // namespace

Exit print_accounts(const CommonOptions& common, const AccountsOptions& options) {
  if (options.form == "xep0227")
    print_xml(common.target, common.first_account, options.count);
  else
    print_csv(common.target, common.first_account, options.count);
  return Exit::good;
}

}  // namespace iris::load
