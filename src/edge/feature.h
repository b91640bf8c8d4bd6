// What a connection or the domain can do: one feature, one pair of files in edge/feature/, one line in its registry and
// one in implemented.cc.
// A feature's instance serves all streams of one loop; what belongs to one stream is kept by Stream or Session.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xmpp/stanza.h"

namespace iris::edge {

class Edge;
class Session;
class Stream;

class Feature {
 public:
  virtual ~Feature() = default;
  virtual std::string_view name() const = 0;
  // What disco shows on the domain (XEP-0030).
  virtual std::span<const std::string_view> namespaces() const { return {}; }
  // Adds its form to the domain's disco#info (XEP-0128).
  virtual void extend(xml::Element&) {}
  // Adds its element to <stream:features/>, as the stream stands now.
  virtual void advertise(const Stream&, xml::Element&) {}
  // An element that is no stanza. False: not mine.
  virtual bool on_element(Stream&, const xml::Element&) { return false; }
  // An IQ get or set before bind; `from` is not set.
  virtual bool on_early_iq(Stream&, const xmpp::Stanza&) { return false; }
  // An IQ get or set of a bound session to the domain. True: it is answered, now or later.
  virtual bool on_iq(Session&, const xmpp::Stanza&) { return false; }
};

// Those of the registry, in its order. Lives on one loop, owned by its Edge.
class Features {
 public:
  explicit Features(std::vector<std::unique_ptr<Feature>> list) : list_(std::move(list)) {}

  void advertise(const Stream& stream, xml::Element& features) {
    for (auto& feature : list_) feature->advertise(stream, features);
  }
  bool on_element(Stream& stream, const xml::Element& element) {
    return any([&](Feature& feature) { return feature.on_element(stream, element); });
  }
  bool on_early_iq(Stream& stream, const xmpp::Stanza& iq) {
    return any([&](Feature& feature) { return feature.on_early_iq(stream, iq); });
  }
  bool on_iq(Session& session, const xmpp::Stanza& iq) {
    return any([&](Feature& feature) { return feature.on_iq(session, iq); });
  }
  const std::vector<std::unique_ptr<Feature>>& list() const { return list_; }

 private:
  template <typename Try>
  bool any(Try&& attempt) {
    for (auto& feature : list_)
      if (attempt(*feature)) return true;
    return false;
  }
  std::vector<std::unique_ptr<Feature>> list_;
};

std::vector<std::unique_ptr<Feature>> make_features(Edge& edge);

}  // namespace iris::edge
