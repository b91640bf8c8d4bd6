// Namespaces: those that more than one file needs, and those of the core.
#pragma once
#include <string_view>

namespace iris::xmpp::ns {

// RFC 6120, 6121, 7395
inline constexpr std::string_view kClient = "jabber:client";
inline constexpr std::string_view kServer = "jabber:server";
inline constexpr std::string_view kStream = "http://etherx.jabber.org/streams";
inline constexpr std::string_view kStreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view kStanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view kTls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view kBind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view kSession = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view kRoster = "jabber:iq:roster";
inline constexpr std::string_view kRosterVersioning = "urn:xmpp:features:rosterver";
inline constexpr std::string_view kPreApproval = "urn:xmpp:features:pre-approval";
inline constexpr std::string_view kFraming = "urn:ietf:params:xml:ns:xmpp-framing";
inline constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";

inline constexpr std::string_view kDataForms = "jabber:x:data";                          // XEP-0004
inline constexpr std::string_view kLastActivity = "jabber:iq:last";                      // XEP-0012
inline constexpr std::string_view kDiscoInfo = "http://jabber.org/protocol/disco#info";  // XEP-0030
inline constexpr std::string_view kDiscoItems = "http://jabber.org/protocol/disco#items";
inline constexpr std::string_view kMuc = "http://jabber.org/protocol/muc";  // XEP-0045
inline constexpr std::string_view kMucUser = "http://jabber.org/protocol/muc#user";
inline constexpr std::string_view kMucAdmin = "http://jabber.org/protocol/muc#admin";
inline constexpr std::string_view kMucOwner = "http://jabber.org/protocol/muc#owner";
inline constexpr std::string_view kMucRoomConfig = "http://jabber.org/protocol/muc#roomconfig";
inline constexpr std::string_view kMucRoomInfo = "http://jabber.org/protocol/muc#roominfo";
inline constexpr std::string_view kPrivate = "jabber:iq:private";                     // XEP-0049
inline constexpr std::string_view kCommands = "http://jabber.org/protocol/commands";  // XEP-0050
inline constexpr std::string_view kVcardTemp = "vcard-temp";                          // XEP-0054
inline constexpr std::string_view kVcardUpdate = "vcard-temp:x:update";               // XEP-0153
inline constexpr std::string_view kRsm = "http://jabber.org/protocol/rsm";            // XEP-0059
inline constexpr std::string_view kPubsub = "http://jabber.org/protocol/pubsub";      // XEP-0060
inline constexpr std::string_view kPubsubOwner = "http://jabber.org/protocol/pubsub#owner";
inline constexpr std::string_view kPubsubEvent = "http://jabber.org/protocol/pubsub#event";
inline constexpr std::string_view kPubsubErrors = "http://jabber.org/protocol/pubsub#errors";
inline constexpr std::string_view kPublishOptions = "http://jabber.org/protocol/pubsub#publish-options";
inline constexpr std::string_view kRegister = "jabber:iq:register";  // XEP-0077
inline constexpr std::string_view kRegisterFeature = "http://jabber.org/features/iq-register";
inline constexpr std::string_view kChatStates = "http://jabber.org/protocol/chatstates";  // XEP-0085
inline constexpr std::string_view kVersion = "jabber:iq:version";                         // XEP-0092
inline constexpr std::string_view kCaps = "http://jabber.org/protocol/caps";              // XEP-0115
inline constexpr std::string_view kReceipts = "urn:xmpp:receipts";                        // XEP-0184
inline constexpr std::string_view kBlocking = "urn:xmpp:blocking";                        // XEP-0191
inline constexpr std::string_view kBlockingErrors = "urn:xmpp:blocking:errors";
inline constexpr std::string_view kStreamManagement = "urn:xmpp:sm:3";        // XEP-0198
inline constexpr std::string_view kPing = "urn:xmpp:ping";                    // XEP-0199
inline constexpr std::string_view kTime = "urn:xmpp:time";                    // XEP-0202
inline constexpr std::string_view kDelay = "urn:xmpp:delay";                  // XEP-0203
inline constexpr std::string_view kAttention = "urn:xmpp:attention:0";        // XEP-0224
inline constexpr std::string_view kDirectInvitation = "jabber:x:conference";  // XEP-0249
inline constexpr std::string_view kCarbons = "urn:xmpp:carbons:2";            // XEP-0280
inline constexpr std::string_view kCarbonRules = "urn:xmpp:carbons:rules:0";
inline constexpr std::string_view kForward = "urn:xmpp:forward:0";             // XEP-0297
inline constexpr std::string_view kCorrection = "urn:xmpp:message-correct:0";  // XEP-0308
inline constexpr std::string_view kMam = "urn:xmpp:mam:2";                     // XEP-0313
inline constexpr std::string_view kMamExtended = "urn:xmpp:mam:2#extended";
inline constexpr std::string_view kChatMarkers = "urn:xmpp:chat-markers:0";      // XEP-0333
inline constexpr std::string_view kHints = "urn:xmpp:hints";                     // XEP-0334
inline constexpr std::string_view kCsi = "urn:xmpp:csi:0";                       // XEP-0352
inline constexpr std::string_view kJingleMessage = "urn:xmpp:jingle-message:0";  // XEP-0353
inline constexpr std::string_view kPush = "urn:xmpp:push:0";                     // XEP-0357
inline constexpr std::string_view kStanzaId = "urn:xmpp:sid:0";                  // XEP-0359
inline constexpr std::string_view kHttpUpload = "urn:xmpp:http:upload:0";        // XEP-0363
inline constexpr std::string_view kFallback = "urn:xmpp:fallback:0";             // XEP-0428
inline constexpr std::string_view kOpenPgp = "urn:xmpp:openpgp:0";               // XEP-0373
inline constexpr std::string_view kEncryption = "urn:xmpp:eme:0";                // XEP-0380
inline constexpr std::string_view kOmemo = "eu.siacs.conversations.axolotl";     // XEP-0384, before 0.4
inline constexpr std::string_view kOmemo2 = "urn:xmpp:omemo:2";
inline constexpr std::string_view kSasl2 = "urn:xmpp:sasl:2";                            // XEP-0388
inline constexpr std::string_view kBind2 = "urn:xmpp:bind:0";                            // XEP-0386
inline constexpr std::string_view kRetraction = "urn:xmpp:message-retract:1";            // XEP-0424
inline constexpr std::string_view kReactions = "urn:xmpp:reactions:0";                   // XEP-0444
inline constexpr std::string_view kChannelBinding = "urn:xmpp:sasl-cb:0";                // XEP-0440
inline constexpr std::string_view kBookmarks = "urn:xmpp:bookmarks:1";                   // XEP-0402
inline constexpr std::string_view kFast = "urn:xmpp:fast:0";                             // XEP-0484
inline constexpr std::string_view kStreamLimits = "urn:xmpp:stream-limits:0";            // XEP-0478
inline constexpr std::string_view kServerInfo = "http://jabber.org/network/serverinfo";  // XEP-0157
inline constexpr std::string_view kDisplayedSync = "urn:xmpp:mds:displayed:0";           // XEP-0490

}  // namespace iris::xmpp::ns
