// XEP-0157: Contact Addresses for XMPP Services: whom to write to about the domain, in its disco#info.
#include <utility>

#include "edge/edge.h"
#include "edge/feature.h"
#include "xmpp/dataform.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

class Contact final : public Feature {
 public:
  explicit Contact(Edge& edge) : edge_(edge) {}
  std::string_view name() const override { return "contact"; }

  // §3. No form when nobody is named.
  void extend(xml::Element& info) override {
    const Contacts& contacts = edge_.options().contacts;
    auto form = xmpp::DataForm::of("result", xmpp::ns::kServerInfo);
    add(form, "abuse-addresses", contacts.abuse);
    add(form, "admin-addresses", contacts.admin);
    add(form, "feedback-addresses", contacts.feedback);
    add(form, "sales-addresses", contacts.sales);
    add(form, "security-addresses", contacts.security);
    add(form, "status-addresses", contacts.status);
    add(form, "support-addresses", contacts.support);
    if (form.fields.size() > 1) info.add(form.to_element());
  }

 private:
  static void add(xmpp::DataForm& form, std::string_view var, const std::vector<std::string>& addresses) {
    if (addresses.empty()) return;
    xmpp::FormField field{.var = std::string(var), .type = "list-multi", .values = addresses};
    form.fields.push_back(std::move(field));
  }

  Edge& edge_;
};

}  // namespace

std::unique_ptr<Feature> make_contact_feature(Edge&);
std::unique_ptr<Feature> make_contact_feature(Edge& edge) { return std::make_unique<Contact>(edge); }

}  // namespace iris::edge
