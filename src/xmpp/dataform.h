// Data forms: XEP-0004, as far as a server needs them (no items, no media), with the FORM_TYPE of XEP-0068.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"

namespace iris::xmpp {

struct FormOption {
  std::string label;
  std::string value;
};

struct FormField {
  std::string var;
  std::string type;  // empty: not said (allowed in a submission)
  std::vector<std::string> values;
  std::string label{};
  bool required = false;
  std::vector<FormOption> options{};
};

struct DataForm {
  std::string type;  // form, submit, cancel, result
  std::vector<FormField> fields;
  std::string title{};
  std::string instructions{};

  const FormField* field(std::string_view var) const;
  std::optional<std::string_view> value(std::string_view var) const;  // the first value
  std::string_view form_type() const;                                 // value of FORM_TYPE, or empty
  // XEP-0004 §3.3: 1/true and 0/false. Nothing if absent or something else.
  std::optional<bool> boolean(std::string_view var) const;

  DataForm& add(std::string_view var, std::string_view value, std::string_view field_type = {});
  xml::Element to_element() const;

  // A form whose first field is a hidden FORM_TYPE.
  static DataForm of(std::string_view type, std::string_view form_type);
  // From <x xmlns='jabber:x:data'/>; nothing if it is something else or has no known type.
  static std::optional<DataForm> read(const xml::Element& x);
  // From the child of `parent`.
  static std::optional<DataForm> find_in(const xml::Element& parent);
};

}  // namespace iris::xmpp
