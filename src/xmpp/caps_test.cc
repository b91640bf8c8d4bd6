// XEP-0115 §5: the text's own examples.
#include "xmpp/caps.h"

#include <gtest/gtest.h>

#include "xml/push_parser.h"
#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

std::string hash_of(const std::string& inside) {
  auto parsed = xml::parse_document("<query xmlns='http://jabber.org/protocol/disco#info'>" + inside + "</query>");
  EXPECT_TRUE(std::holds_alternative<xml::Element>(parsed));
  return caps_hash(std::get<xml::Element>(parsed));
}

const std::string kFeatures =
    "<feature var='http://jabber.org/protocol/disco#info'/><feature var='http://jabber.org/protocol/muc'/>"
    "<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#items'/>";

TEST(Caps, SimpleExample) {
  EXPECT_EQ(hash_of("<identity category='client' type='pc' name='Exodus 0.9.1'/>" + kFeatures),
            "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

const std::string kIdentities =
    "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
    "<identity xml:lang='el' category='client' name='\xCE\xA8 0.11' type='pc'/>";

std::string form(const std::string& type_of_form_type) {
  return "<x xmlns='jabber:x:data' type='result'><field var='os'><value>Mac</value></field>"
         "<field var='FORM_TYPE'" +
         type_of_form_type +
         "><value>urn:xmpp:dataforms:softwareinfo</value></field>"
         "<field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field>"
         "<field var='os_version'><value>10.5.1</value></field><field "
         "var='software_version'><value>0.11</value></field>"
         "<field var='software'><value>Psi</value></field></x>";
}

TEST(Caps, ComplexExample) {
  EXPECT_EQ(hash_of(kIdentities + kFeatures + form(" type='hidden'")), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

TEST(Caps, AFormWithoutAHiddenTypeIsLeftOut) {
  EXPECT_EQ(hash_of(kIdentities + kFeatures + form("")), hash_of(kIdentities + kFeatures));
}

}  // namespace
}  // namespace iris::xmpp
