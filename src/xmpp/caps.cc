#include "xmpp/caps.h"

#include <openssl/evp.h>

#include <map>
#include <set>
#include <string_view>

#include "base/check.h"
#include "xmpp/base64.h"
#include "xmpp/dataform.h"
#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

// std::string compares bytes, which is the "i;octet" collation.
using Sorted = std::multiset<std::string>;

void append_all(std::string& out, const Sorted& parts) {
  for (const std::string& part : parts) out += part + '<';
}

Sorted identities(const xml::Element& info) {
  Sorted out;
  for (const auto* identity : info.elements("identity", info.ns)) {
    const auto part = [&](std::string_view name, std::string_view ns = {}) {
      return std::string(identity->attribute(name, ns).value_or(""));
    };
    out.insert(part("category") + '/' + part("type") + '/' + part("lang", xml::kXmlNamespace) + '/' + part("name"));
  }
  return out;
}

Sorted features(const xml::Element& info) {
  Sorted out;
  for (const auto* feature : info.elements("feature", info.ns)) out.emplace(feature->attribute_or("var", ""));
  return out;
}

std::string form_text(const DataForm& form) {
  std::string out = std::string(form.form_type()) + '<';
  std::multimap<std::string, Sorted> fields;
  for (const FormField& field : form.fields)
    if (field.var != "FORM_TYPE") fields.emplace(field.var, Sorted(field.values.begin(), field.values.end()));
  for (const auto& [var, values] : fields) {
    out += var + '<';
    append_all(out, values);
  }
  return out;
}

}  // namespace

std::string caps_hash(const xml::Element& disco_info) {
  std::string text;
  append_all(text, identities(disco_info));
  append_all(text, features(disco_info));
  std::multimap<std::string, std::string> forms;  // by FORM_TYPE
  for (const auto* x : disco_info.elements("x", ns::kDataForms)) {
    const auto form = DataForm::read(*x);
    const FormField* type = form ? form->field("FORM_TYPE") : nullptr;
    if (type != nullptr && type->type == "hidden") forms.emplace(form->form_type(), form_text(*form));
  }
  for (const auto& [type, form] : forms) text += form;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  IRIS_CHECK(EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha1(), nullptr) == 1);
  return base64_encode({reinterpret_cast<const char*>(hash), size});
}

}  // namespace iris::xmpp
