#include "xmpp/dataform.h"

#include <algorithm>
#include <utility>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

xml::Element with_text(std::string_view name, std::string_view text) {
  return xml::Element(name, ns::kDataForms).add_text(text);
}

xml::Element field_element(const FormField& field) {
  xml::Element element("field", ns::kDataForms);
  if (!field.var.empty()) element.set("var", field.var);
  if (!field.type.empty()) element.set("type", field.type);
  if (!field.label.empty()) element.set("label", field.label);
  if (field.required) element.add(xml::Element("required"));
  for (const std::string& value : field.values) element.add(with_text("value", value));
  for (const FormOption& option : field.options) {
    auto child = xml::Element("option", ns::kDataForms).add(with_text("value", option.value));
    if (!option.label.empty()) child.set("label", option.label);
    element.add(std::move(child));
  }
  return element;
}

FormField read_field(const xml::Element& element) {
  FormField field{.var = std::string(element.attribute_or("var", "")),
                  .type = std::string(element.attribute_or("type", "")),
                  .values = {},
                  .label = std::string(element.attribute_or("label", "")),
                  .required = element.child("required") != nullptr};
  for (const auto* value : element.elements("value", ns::kDataForms)) field.values.push_back(value->text());
  for (const auto* option : element.elements("option", ns::kDataForms)) {
    field.options.push_back(
        {std::string(option->attribute_or("label", "")), option->child_text("value", ns::kDataForms)});
  }
  return field;
}

}  // namespace

const FormField* DataForm::field(std::string_view var) const {
  const auto found = std::ranges::find(fields, var, &FormField::var);
  return found == fields.end() ? nullptr : &*found;
}

std::optional<std::string_view> DataForm::value(std::string_view var) const {
  const FormField* found = field(var);
  if (found == nullptr || found->values.empty()) return std::nullopt;
  return found->values.front();
}

std::string_view DataForm::form_type() const { return value("FORM_TYPE").value_or(""); }

std::optional<bool> DataForm::boolean(std::string_view var) const {
  const auto text = value(var);
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

DataForm& DataForm::add(std::string_view var, std::string_view value, std::string_view field_type) {
  fields.push_back({.var = std::string(var), .type = std::string(field_type), .values = {std::string(value)}});
  return *this;
}

xml::Element DataForm::to_element() const {
  auto x = xml::Element("x", ns::kDataForms).set("type", type);
  if (!title.empty()) x.add(with_text("title", title));
  if (!instructions.empty()) x.add(with_text("instructions", instructions));
  for (const FormField& field : fields) x.add(field_element(field));
  return x;
}

DataForm DataForm::of(std::string_view type, std::string_view form_type) {
  DataForm form{.type = std::string(type), .fields = {}};
  form.add("FORM_TYPE", form_type, "hidden");
  return form;
}

std::optional<DataForm> DataForm::read(const xml::Element& x) {
  if (!x.is("x", ns::kDataForms)) return std::nullopt;
  DataForm form{.type = std::string(x.attribute_or("type", "")), .fields = {}};
  if (form.type != "form" && form.type != "submit" && form.type != "cancel" && form.type != "result") {
    return std::nullopt;
  }
  form.title = x.child_text("title", ns::kDataForms);
  form.instructions = x.child_text("instructions", ns::kDataForms);
  for (const auto* field : x.elements("field", ns::kDataForms)) form.fields.push_back(read_field(*field));
  return form;
}

std::optional<DataForm> DataForm::find_in(const xml::Element& parent) {
  const auto* x = parent.child("x", ns::kDataForms);
  return x == nullptr ? std::nullopt : read(*x);
}

}  // namespace iris::xmpp
