"""Two people talk through a client of another maker (slixmpp), over STARTTLS and over direct TLS.

Each case is one short conversation, for the most part a dialogue of one specification. The people stay logged in from
case to case; a case that needs somebody away brings them back. No case rests on what another has left behind: over
direct TLS they are played from the last to the first.
"""
import argparse
import asyncio
import datetime
import logging
import pathlib
import re
import ssl
import sys
import uuid
from xml.etree import ElementTree

from cases import Cases, want
from people import ANSWER_SECONDS, PASSWORD, Person, stanza_id

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
from server import Server  # noqa: E402


class Stage:
    """Where a case plays: the server, the security of this round, and two people who are logged in."""

    def __init__(self, server, security):
        self.server, self.security = server, security
        self.names = {"ann": f"ann-{security}", "ben": f"ben-{security}"}
        self.ann = self.ben = None

    async def person(self, who, resource="desk", presence=True, **more):
        return await Person(self.server, self.security, self.names[who], resource, **more).log_in(presence)

    def jid(self, who):
        return f"{self.names[who]}@localhost"

    async def together(self):
        """Both at their desks, whatever the case before did, with nothing kept from it."""
        for who in self.names:
            if getattr(self, who) is None or not getattr(self, who).is_connected():
                setattr(self, who, await self.person(who))
        for person in (self.ann, self.ben):
            person.forget()
        return self.ann, self.ben


SAID = []  # what nobody may find in the server's log


def unique(text):
    SAID.append(f"{text} {uuid.uuid4().hex[:8]}")
    return SAID[-1]


# --- connection and login

async def certificate_is_verified(stage):
    port = stage.server.tls_port
    trusting = ssl.create_default_context(cafile=stage.server.certificate)
    for context, name, good in ((trusting, "localhost", True), (trusting, "example.org", False),
                                (ssl.create_default_context(), "localhost", False)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
            writer.transport.abort()
            want(good, f"the certificate is taken for {name} by somebody who should not trust it")
        except ssl.SSLError as error:
            want(not good, f"the certificate is refused: {error}")


async def register_in_band(stage):
    """XEP-0077: an account is made before login; the same name again is a conflict."""
    name = f"new-{stage.security}"
    answers = []

    async def fill_in(_form):
        iq = client.make_iq_set()
        iq["register"]["username"] = name
        iq["register"]["password"] = PASSWORD
        answers.append(await client.ask(iq))
        if answers[-1]["type"] == "error":
            client.transport.abort()

    for expected in ("result", "conflict"):
        client = Person(stage.server, stage.security, name)
        client.plugin["xep_0077"].force_registration = True
        client.add_event_handler("register", fill_in)
        client.dial()
        await client.wait(lambda: {"session_start", "disconnected"} & set(client.happened), "an end of registration")
        got = answers[-1]["error"]["condition"] if answers[-1]["type"] == "error" else answers[-1]["type"]
        want(got == expected, f"registration is answered by {got}, not {expected}")
        await client.log_out()


async def login_by_each_mechanism(stage):
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"):
        await (await stage.person("ann", mechanism.lower(), presence=False, mechanism=mechanism)).log_out()


async def wrong_password_is_refused(stage):
    for name in (stage.names["ann"], "nobody-at-all"):
        client = Person(stage.server, stage.security, name, password="wrong")
        client.dial()
        await client.wait(lambda: "failed_auth" in client.happened, "a refusal",
                          unless=lambda: "session_start" in client.happened)
        client.abort()


# --- roster and presence

async def become_friends(stage):
    """RFC 6121 §3: request, approval, both ways; rosters follow by pushes; presence is seen; and it ends."""
    if await are_friends(stage):
        await part(stage)
    ann, ben = await stage.together()
    await befriend(stage)
    answer = await ann.ask(roster_get(ann))
    item = answer["roster"]["items"][stage.jid("ben")]
    want((item["name"], item["groups"], item["subscription"]) == ("Ben", ["Friends & family"], "both"),
         f"the roster shows {item}")


async def presence_comes_and_goes(stage):
    ann, ben = await stage.together()
    await befriend(stage)
    ben.send_presence(pshow="away", pstatus="at lunch")
    seen = await ann.wait_presence(stage.jid("ben"), "away")
    want(seen["status"] == "at lunch", "the status text is lost")
    await ben.log_out()
    await ann.wait_presence(stage.jid("ben"), "unavailable")
    ann.presences.clear()
    stage.ben = ben = await stage.person("ben")
    await ann.wait_presence(stage.jid("ben"), "available")
    await ben.wait_presence(stage.jid("ann"), "available")


async def part_as_strangers(stage):
    """A roster item removed ends both subscriptions (RFC 6121 §2.5)."""
    ann, _ = await stage.together()
    await befriend(stage)
    await part(stage)
    answer = await ann.ask(roster_get(ann))
    want(stage.jid("ben") not in answer["roster"]["items"], "the removed item is still there")


async def are_friends(stage):
    ann, _ = await stage.together()
    item = (await ann.ask(roster_get(ann)))["roster"]["items"].get(stage.jid("ben"))
    return item is not None and item["subscription"] == "both"


async def befriend(stage):
    """Both have the other's presence; nothing happens if they have it already."""
    if await are_friends(stage):
        return
    ann, ben = stage.ann, stage.ben
    answer = await ann.ask(roster_set(ann, stage.jid("ben"), name="Ben", groups=["Friends & family"]))
    want(answer["type"] == "result", f"a roster set is answered by {answer}")
    await ann.wait(lambda: stage.jid("ben") in ann.client_roster.keys(), "the roster push")
    for asking, asked in ((ann, ben), (ben, ann)):
        asking.send_presence(pto=asked.boundjid.bare, ptype="subscribe")
        await asked.wait_presence(asking.boundjid.bare, "subscribe")
        asked.send_presence(pto=asking.boundjid.bare, ptype="subscribed")
        await asking.wait_presence(asked.boundjid.bare, "subscribed")
        await asking.wait_presence(asked.boundjid.bare, "available")
    await ann.wait_item(stage.jid("ben"), "both")
    await ben.wait_item(stage.jid("ann"), "both")


async def part(stage):
    """Ann removes her friend, and all that Ben is told of it has come."""
    ann, ben = stage.ann, stage.ben
    item = roster_set(ann, stage.jid("ben"), subscription="remove")
    want((await ann.ask(item))["type"] == "result", "removal is refused")
    for kind in ("unsubscribe", "unsubscribed", "unavailable"):
        await ben.wait_presence(stage.jid("ann"), kind)


def roster_get(person):
    iq = person.make_iq_get()
    iq.enable("roster")
    return iq


def roster_set(person, jid, **item):
    iq = person.make_iq_set()
    iq["roster"]["items"] = {jid: {"name": "", "groups": [], "subscription": "none", **item}}
    return iq


# --- messages

async def chat_to_bare_and_full_jid(stage):
    ann, ben = await stage.together()
    for speaker, listener in ((ann, ben), (ben, ann)):
        for to in (listener.boundjid.bare, listener.boundjid.full):
            sent = speaker.say(to, unique("hello & <welcome> žluť 🐎"))
            got = await listener.wait_text(sent["body"])
            want(got["from"] == speaker.boundjid, f"from is {got['from']}")
            want(got["type"] == "chat" and got["id"] == sent["id"], "type or id changed")
            want(not got.xml.findall("{urn:xmpp:delay}delay"), "a live message bears a delay")


async def order_is_kept(stage):
    ann, ben = await stage.together()
    sent = [ann.say(stage.jid("ben"), unique(f"{n}"))["body"] for n in range(200)]
    await ben.wait_text(sent[-1])
    want(ben.texts() == sent, "200 messages did not arrive once and in order")


async def sent_twice_arrives_once(stage):
    """The same origin-id, recipient and payload: one message (a client that resends has not got an answer)."""
    ann, ben = await stage.together()
    message = ann.say(stage.jid("ben"), unique("again"))
    message.send()
    last = ann.say(stage.jid("ben"), unique("last"))["body"]
    await ben.wait_text(last)
    want(ben.texts() == [message["body"], last], f"a repeated message arrived {ben.count(message['body'])} times")


async def stanza_id_is_the_archive_id(stage):
    """XEP-0313 §5: what a client saw live it recognises in the archive."""
    ann, ben = await stage.together()
    sent = ann.say(stage.jid("ben"), unique("remember me"))
    got = await ben.wait_text(sent["body"])
    id_ = stanza_id(got, stage.jid("ben"))
    want(id_, "no stanza-id by the recipient's account")
    page, _ = await ben.archive(before=True, max=1)
    want(page[0][0] == id_ and page[0][1]["body"] == sent["body"], f"stanza-id {id_}, archived as {page[0][0]}")
    page, _ = await ann.archive(before=True, max=1)
    want(page[0][1]["body"] == sent["body"], "the sender's archive does not end with the message")
    want(origin_id(page[0][1]) == origin_id(sent), "the origin-id is lost")


def origin_id(message):
    return message.xml.find("{urn:xmpp:sid:0}origin-id").get("id")


async def forged_stanza_id_is_dropped(stage):
    """XEP-0359 §4: an id in the recipient's name that the sender wrote is removed."""
    ann, ben = await stage.together()
    message = ann.make_message(mto=stage.jid("ben"), mbody=unique("forged"), mtype="chat")
    message["stanza_id"]["by"] = stage.jid("ben")
    message["stanza_id"]["id"] = "forged"
    message.send()
    id_ = stanza_id(await ben.wait_text(message["body"]), stage.jid("ben"))
    want(id_ and id_ != "forged", f"the stanza-id is '{id_}'")


async def offline_messages(stage):
    """XEP-0160: kept while nobody is there, delivered once, in order, with the time of sending (XEP-0203)."""
    ann, ben = await stage.together()
    await ben.log_out()
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)
    sent = [ann.say(stage.jid("ben"), unique(f"offline {n}"))["body"] for n in range(20)]
    await pong(ann, None)
    ben = stage.ben = await Person(stage.server, stage.security, stage.names["ben"]).log_in()
    await ben.wait_text(sent[-1])
    want(ben.texts() == sent, f"came back to {ben.texts()}")
    for message in (m for m in ben.messages if m["body"]):
        want(before <= message["delay"]["stamp"] <= before + datetime.timedelta(minutes=5),
             f"delay stamp {message['delay']['stamp']}")
        want(stanza_id(message, stage.jid("ben")), "no stanza-id on an offline message")
    await ben.log_out()
    ben = stage.ben = await Person(stage.server, stage.security, stage.names["ben"]).log_in()
    last = ann.say(stage.jid("ben"), unique("and now live"))["body"]
    await ben.wait_text(last)
    want(ben.texts() == [last], f"offline messages came again: {ben.texts()}")


async def backlog_meets_live_messages(stage):
    """Who comes back to many messages while more keep coming gets all of them, once and in order."""
    ann, ben = await stage.together()
    await ben.log_out()
    sent = []

    async def talk(count):
        for _ in range(count):
            sent.append(ann.say(stage.jid("ben"), unique("on and on"))["body"])
            await asyncio.sleep(0)

    await talk(800)
    await pong(ann, None)
    ben = stage.ben = Person(stage.server, stage.security, stage.names["ben"])
    await asyncio.gather(talk(1500), ben.log_in())
    await ben.wait_text(sent[-1])
    arrived = set(ben.texts())
    missing = [n for n, text in enumerate(sent) if text not in arrived]
    want(not missing, f"{len(missing)} of {len(sent)} messages are missing, from number {missing[:1]} on")
    want(ben.texts() == sent, "a message came twice, or the order is another one")


async def no_store_is_not_stored(stage):
    """XEP-0334: delivered to who is there, and in no archive."""
    ann, ben = await stage.together()
    secret = ann.say(stage.jid("ben"), unique("burn after reading"), hints=["no-store"])["body"]
    plain = ann.say(stage.jid("ben"), unique("keep"))["body"]
    await ben.wait_text(plain)
    want(ben.texts() == [secret, plain], f"arrived: {ben.texts()}")
    for person in (ann, ben):
        page, _ = await person.archive(before=True, max=2)
        texts = [message["body"] for _, message in page]
        want(plain == texts[-1] and secret not in texts, f"archived: {texts}")


async def message_to_nobody_comes_back(stage):
    ann, _ = await stage.together()
    sent = ann.say("nobody-at-all@localhost", "anybody there?")
    await ann.wait(lambda: any(m["type"] == "error" for m in ann.messages), "an error")
    error = next(m for m in ann.messages if m["type"] == "error")
    want(error["id"] == sent["id"], f"an error for {error['id']}, sent was {sent['id']}")
    want(error["error"]["condition"] in ("service-unavailable", "item-not-found"), error["error"]["condition"])


# --- archive

async def archive_pages(stage):
    """XEP-0313 with XEP-0059: forward, backward, from the newest; every message once; counted; complete at the end."""
    ann, ben = await stage.together()
    sent = [ann.say(stage.jid("ben"), unique(f"page {n}"))["body"] for n in range(25)]
    await ben.wait_text(sent[-1])
    whole = await all_pages(ben, "after", 100)
    ids = [id_ for id_, _ in whole]
    want(len(set(ids)) == len(ids) >= 25, f"{len(ids)} entries, {len(set(ids))} different ones")
    want([m["body"] for _, m in whole[-25:]] == sent, "the archive does not end with what was sent")
    want([id_ for id_, _ in await all_pages(ben, "after", 7)] == ids, "small pages forward are not the whole")
    want([id_ for id_, _ in await all_pages(ben, "before", 7)] == ids, "small pages backward are not the whole")
    newest, _ = await ben.archive(max=5, before=True)
    want([id_ for id_, _ in newest] == ids[-5:], "before without an id is not the newest page")


async def all_pages(person, direction, size):
    """The whole archive, page by page, `after` the last or `before` the first one that is known."""
    everything, position = [], {} if direction == "after" else {"before": True}
    while True:
        page, fin = await person.archive(max=size, **position)
        want(len(page) <= size, f"a page of {len(page)}, {size} were asked for")
        if page:
            ends = (fin["rsm"]["first"], fin["rsm"]["last"])
            want(ends == (page[0][0], page[-1][0]), f"first and last are {ends}, the page says otherwise")
        everything = everything + page if direction == "after" else page + everything
        if fin["complete"]:
            return everything
        want(page, "an empty page that is not the last one")
        position = {direction: page[-1 if direction == "after" else 0][0]}


async def archive_with_start_end(stage):
    """The filters, alone and together; another person's messages do not pass `with`."""
    ann, ben = await stage.together()
    carl = await Person(stage.server, stage.security, "carl").log_in()
    first = carl.say(stage.jid("ben"), unique("from carl"))["body"]
    await ben.wait_text(first)
    second = ann.say(stage.jid("ben"), unique("from ann"))["body"]
    await ben.wait_text(second)
    third = ben.say(stage.jid("ann"), unique("to ann"))["body"]
    await ann.wait_text(third)
    await carl.log_out()
    page, _ = await ben.archive({"with": "carl@localhost"}, before=True, max=50)
    want(page[-1][1]["body"] == first, "with: not the newest message of that person")
    want(all("carl@localhost" in (m["from"].bare, m["to"].bare) for _, m in page), "with: other people's messages")
    page, _ = await ben.archive({"with": stage.jid("ann")}, before=True, max=2)
    want([m["body"] for _, m in page] == [second, third], "with, both directions")
    # What the times select is computed from the times that the archive itself shows, whatever their precision.
    newest, _ = await ben.archive(before=True, max=50)
    middle = ben.times[page[0][0]]
    for name, passes in (("start", lambda time: time >= middle), ("end", lambda time: time <= middle)):
        page, _ = await ben.archive({name: middle}, before=True, max=50)
        want(ids_of(newest, page) == [id_ for id_, _ in newest if passes(ben.times[id_])], f"{name} selects wrongly")
    page, _ = await ben.archive({"start": middle, "end": middle, "with": stage.jid("ann")}, max=50)
    texts = [m["body"] for _, m in page]
    want(second in texts and first not in texts, f"start, end and with together: {texts}")
    page, fin = await ben.archive({"with": "stranger@localhost"}, max=10)
    want(page == [] and fin["complete"], "an empty result is not complete")


async def archive_catch_up(stage):
    """Who was away reads on from the last message that is known, in small pages, on a client that gets nothing by
    itself; nothing is missing, nothing comes twice, and it ends where the newest page does."""
    ann, ben = await stage.together()
    known = ann.say(stage.jid("ben"), unique("the last that ben saw"))["body"]
    await ben.wait_text(known)
    position = stanza_id(next(m for m in ben.messages if m["body"] == known), stage.jid("ben"))
    await ben.log_out()
    missed = [ann.say(stage.jid("ben"), unique(f"missed {n}"))["body"] for n in range(23)]
    await pong(ann, None)
    phone = await stage.person("ben", "phone", presence=False)
    caught, pages = [], 0
    while True:
        page, fin = await phone.archive(after=position, max=10)
        caught += [message["body"] for _, message in page]
        pages += 1
        if fin["complete"]:
            break
        position = page[-1][0]
    want(caught == missed, f"{len(caught)} of {len(missed)} caught up, or in another order")
    want(pages == 3, f"23 messages came in {pages} pages of 10")
    newest, _ = await phone.archive(before=True, max=1)
    want(newest[0][1]["body"] == missed[-1], "the newest page ends elsewhere")
    await phone.log_out()


async def archive_preferences(stage):
    """XEP-0441: an address that is never to be archived is not, though it is delivered; and the other way round."""
    ann, ben = await stage.together()

    async def prefer(inside, default="always"):
        iq = ben.make_iq_set()
        iq.append(ElementTree.fromstring(f"<prefs xmlns='urn:xmpp:mam:2' default='{default}'>{inside}</prefs>"))
        answer = await ben.ask(iq)
        want(answer["type"] == "result", f"preferences are answered by {answer}")

    await prefer(f"<always/><never><jid>{stage.jid('ann').upper()}</jid></never>")
    hidden = ann.say(stage.jid("ben"), unique("between us"))["body"]
    want(not stanza_id(await ben.wait_text(hidden), stage.jid("ben")), "a stanza-id though it is not archived")
    await prefer("<always/><never/>")
    plain = ann.say(stage.jid("ben"), unique("for the record"))["body"]
    await ben.wait_text(plain)
    page, _ = await ben.archive(before=True, max=2)
    texts = [message["body"] for _, message in page]
    want(texts[-1] == plain and hidden not in texts, f"archived: {texts}")


def ids_of(some, page):
    """The ids of `page`, as far as they are among `some`."""
    known = {id_ for id_, _ in some}
    return [id_ for id_, _ in page if id_ in known]


async def archive_id_unknown(stage):
    """XEP-0313 §4.3.2 wants item-not-found for a page position that is not there."""
    _, ben = await stage.together()
    iq = ben.make_iq_set()
    iq["mam"]["rsm"]["after"] = "no-such-id"
    answer = await ben.ask(iq)
    want(answer["type"] == "error" and answer["error"]["condition"] == "item-not-found", f"answered by {answer}")


# --- stream management

async def acks_come(stage):
    ann, ben = await stage.together()
    want("sm_enabled" in ann.happened or ann.plugin["xep_0198"].enabled_in, "stream management is not enabled")
    messages = [ann.say(stage.jid("ben"), unique("ack me")) for _ in range(30)]
    sent = [message["id"] for message in messages]
    await pong(ann, None)  # slixmpp's own requests overtake what still waits in its queue; this one comes after all
    ann.plugin["xep_0198"].request_ack()
    await ann.wait(lambda: set(sent) <= set(ann.acked), "the acks")
    await ben.wait_text(messages[-1]["body"])
    want(all(ann.acked.count(id_) == 1 for id_ in sent), "something was acknowledged twice")


async def resume_after_a_cut(stage):
    """XEP-0198 §5: what was sent to a cut client, and what it sent unacked, arrives once and in order; who is friends
    with it sees no flicker."""
    ann, ben = await stage.together()
    first = ann.say(stage.jid("ben"), unique("before the cut"))["body"]
    await ben.wait_text(first)
    for turn in range(3):
        await ben.cut()
        sent = [ann.say(stage.jid("ben"), unique(f"cut {turn}.{n}"))["body"] for n in range(10)]
        await pong(ann, None)
        await ben.come_back()
        own = ben.say(stage.jid("ann"), unique("back again"))["body"]
        await ann.wait_text(own)
        await ben.wait_text(sent[-1])
        want(ben.texts()[-10:] == sent, f"after resumption came {ben.texts()[-12:]}")
    want(len(ben.texts()) == 31, f"{len(ben.texts())} messages instead of 31")


async def unacked_stanzas_survive_a_cut(stage):
    """The client's own: written into a connection that dies, sent again after resumption, delivered once."""
    ann, ben = await stage.together()
    texts = []
    for n in range(40):
        texts.append(ann.say(stage.jid("ben"), unique(f"into the void {n}"))["body"])
    await asyncio.sleep(0)  # some of it gets as far as the socket
    await ann.cut()
    await ann.come_back()
    last = ann.say(stage.jid("ben"), unique("the last"))["body"]
    await ben.wait_text(last)
    want(ben.texts() == texts + [last], f"{len(ben.texts())} messages instead of {len(texts) + 1}, or another order")


async def resume_a_session_that_is_not(stage):
    """<failed/> with item-not-found, and the login goes on (XEP-0198 §5)."""
    client = Person(stage.server, stage.security, stage.names["ann"], "elsewhere")
    client.plugin["xep_0198"].sm_id = "no-such-session"
    client.dial()
    await client.wait(lambda: "session_start" in client.happened, "a session in spite of a failed resumption")
    want("sm_failed" in client.happened, "the resumption did not fail")
    await client.log_out()


# --- several devices

async def three_devices(stage):
    """Two people on three devices: everything that is said is on each device once and in order, whether that was there,
    cut off, or away."""
    ann, ben = await stage.together()
    phone = await carbon_copied(await stage.person("ben", "phone"))
    await carbon_copied(ben)
    said = []

    async def exchange(what):
        """A word from Ann, and Ben's answer from his desk."""
        said.append(ann.say(stage.jid("ben"), unique(f"{what}?"))["body"])
        await ben.wait_text(said[-1])
        said.append(ben.say(stage.jid("ann"), unique(f"{what}!"))["body"])
        await ann.wait_text(said[-1])

    async def phone_has(texts):
        """All of it, once and in order. What Ben's desk has not yet acknowledged from before comes to the phone too."""
        def of_them():
            return [text for text in with_copies(phone) if text in texts]
        await phone.wait(lambda: len(of_them()) >= len(texts), f"{len(texts)} messages")
        want(of_them() == texts, f"the phone has {with_copies(phone)}, said was {texts}")

    await exchange("both there")
    await phone_has(said)
    await phone.cut()
    await exchange("the phone is cut off")
    await phone.come_back()
    await phone_has(said)
    last = (await phone.archive(before=True, max=1))[0][0][0]
    await phone.log_out()
    await exchange("the phone is away")
    phone = await carbon_copied(await stage.person("ben", "phone"))
    caught_up, fin = await phone.archive(after=last, max=50)
    want([message["body"] for _, message in caught_up] == said[-2:] and fin["complete"], f"caught up: {caught_up}")
    await exchange("there again")
    want(with_copies(phone)[-2:] == said[-2:], f"the phone has {with_copies(phone)}")
    for person, other in ((ann, "ben"), (ben, "ann"), (phone, "ann")):
        page, _ = await person.archive({"with": stage.jid(other)}, before=True, max=len(said))
        want([message["body"] for _, message in page] == said, f"the archive of {person.jid_text()}: {page}")
    await ben.plugin["xep_0280"].disable(timeout=ANSWER_SECONDS)
    await phone.log_out()


async def carbons(stage):
    """XEP-0280, as a client's own code for it sees it: what one device of Ben's gets or says, his other one has as a copy
    (sections 7 and 8), but not what is to be nowhere else (section 9), and nobody else can make one (section 12)."""
    ann, ben = await stage.together()
    phone = await carbon_copied(await stage.person("ben", "phone"))
    to_desk = ann.say(ben.boundjid.full, unique("to the desk"))["body"]
    kind, copy = await phone.wait_copy(to_desk)
    want((kind, copy["from"], copy["to"]) == ("received", ann.boundjid, ben.boundjid), f"the copy is {kind} {copy}")
    id_ = stanza_id(copy, stage.jid("ben"))
    want(id_ and id_ == stanza_id(await ben.wait_text(to_desk), stage.jid("ben")), "the copy has another stanza-id")

    from_desk = ben.say(stage.jid("ann"), unique("from the desk"))["body"]
    kind, copy = await phone.wait_copy(from_desk)
    want((kind, copy["from"], copy["to"]) == ("sent", ben.boundjid, stage.jid("ann")), f"the copy is {kind} {copy}")
    newest, _ = await phone.archive(before=True, max=1)
    want(stanza_id(copy, stage.jid("ben")) == newest[0][0], "a sent copy without the id under which the archive has it")
    want(not stanza_id(await ann.wait_text(from_desk), stage.jid("ben")), "Ann sees the id of Ben's archive")

    for secret in ("{urn:xmpp:carbons:2}private", "{urn:xmpp:hints}no-copy"):
        for speaker, listener in ((ann, ben), (ben, ann)):
            message = speaker.make_message(mto=listener.boundjid, mbody=unique("for this device"), mtype="chat")
            message.append(ElementTree.Element(secret))
            message.send()
            await listener.wait_text(message["body"])
    for forged in ("received", "sent"):
        await forge_carbon(stage, forged, phone)
    last = ann.say(ben.boundjid.full, unique("the last"))["body"]
    await phone.wait_copy(last)
    want([message["body"] for _, message in phone.copies] == [to_desk, from_desk, last], f"copies: {phone.copies}")
    want(ben.copies == [] and ann.copies == [], "a copy for somebody who asked for none")

    await phone.plugin["xep_0280"].disable(timeout=ANSWER_SECONDS)
    await ben.wait_text(ann.say(ben.boundjid.full, unique("no copy any more"))["body"])
    await pong(phone, None)
    want(len(phone.copies) == 3, "a copy though they are disabled")
    await phone.log_out()


async def forge_carbon(stage, kind, victim):
    """Ann sends what looks like a copy: in her own name it is just a message of hers; in his her stream is closed."""
    def message(sender):
        out = forger.make_message(mto=victim.boundjid, mfrom=sender, mtype="chat")
        out.append(ElementTree.fromstring(
            f"<{kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
            f"from='{stage.jid('ann')}' to='{victim.boundjid}'><body>never said</body></message></forwarded></{kind}>"))
        return out

    forger = await stage.person("ann", "forger", presence=False)
    message(None).send()
    await victim.wait(lambda: any(m["from"] == forger.boundjid for m in victim.messages), "the message in her own name")
    forger.happened.clear()
    message(victim.boundjid.bare).send()
    await forger.wait(lambda: "disconnected" in forger.happened, "the end of a stream that speaks in another's name")
    victim.messages[:] = [m for m in victim.messages if m["from"] != forger.boundjid]


async def carbon_copied(person):
    await person.plugin["xep_0280"].enable(timeout=ANSWER_SECONDS)
    return person


def with_copies(person):
    """The texts of what came, in order, a carbon copy (XEP-0280) being one; without archived ones."""
    bodies = []
    for message in person.messages:
        for copied in message.xml.iterfind("{urn:xmpp:carbons:2}*//{jabber:client}body"):
            bodies.append(copied.text)
        if message["body"]:
            bodies.append(message["body"])
    return bodies


# --- queries

async def pong(person, to):
    answer = await person.ask(ping(person, to))
    want(answer["type"] == "result", f"a ping is answered by {answer}")


def ping(person, to):
    iq = person.make_iq_get(ito=to)
    iq.enable("ping")
    return iq


async def ping_server_and_person(stage):
    ann, ben = await stage.together()
    await pong(ann, "localhost")
    await pong(ann, None)
    await pong(ann, stage.jid("ann"))
    await pong(ann, ben.boundjid.full)


async def disco(stage):
    ann, _ = await stage.together()
    info = await disco_info(ann, "localhost")
    want(("server", "im") in {(i[0], i[1]) for i in info["identities"]}, f"identities {info['identities']}")
    for feature in ("http://jabber.org/protocol/disco#info", "urn:xmpp:ping"):
        want(feature in info["features"], f"the domain does not list {feature}")
    items = await ann.ask(disco_items(ann))
    want(items["type"] == "result", f"disco#items on the domain is answered by {items}")
    info = await disco_info(ann, stage.jid("ann"))
    want(("account", "registered") in {(i[0], i[1]) for i in info["identities"]}, f"identities {info['identities']}")
    for feature in ("urn:xmpp:mam:2", "urn:xmpp:sid:0"):
        want(feature in info["features"], f"the account does not list {feature}")


async def disco_info(person, jid):
    return (await person.plugin["xep_0030"].get_info(jid=jid, cached=False, timeout=ANSWER_SECONDS))["disco_info"]


def disco_items(person):
    iq = person.make_iq_get(ito="localhost")
    iq.enable("disco_items")
    return iq


async def unknown_iq_is_answered(stage):
    """Nobody handles it: service-unavailable, once, to the domain, the own account and a full JID that is not there."""
    ann, _ = await stage.together()
    for kind in ("get", "set"):
        for to in ("localhost", None, stage.jid("ann"), f"{stage.jid('ben')}/nowhere", "nobody-at-all@localhost"):
            iq = ann.make_iq(itype=kind, ito=to)
            iq.append(ElementTree.Element("{urn:example:nobody-knows-this}query"))
            answer = await ann.ask(iq)
            condition = answer["error"]["condition"] if answer["type"] == "error" else answer["type"]
            want(condition == "service-unavailable", f"iq {kind} to {to} is answered by {condition}")


CASES = [
    certificate_is_verified, register_in_band, login_by_each_mechanism, wrong_password_is_refused,
    chat_to_bare_and_full_jid, order_is_kept, sent_twice_arrives_once, stanza_id_is_the_archive_id,
    forged_stanza_id_is_dropped, offline_messages, backlog_meets_live_messages, no_store_is_not_stored,
    message_to_nobody_comes_back,
    become_friends, presence_comes_and_goes, archive_pages, archive_with_start_end,
    archive_catch_up, archive_preferences, archive_id_unknown, acks_come,
    resume_after_a_cut, unacked_stanzas_survive_a_cut, resume_a_session_that_is_not, ping_server_and_person, disco,
    unknown_iq_is_answered, carbons, three_devices, part_as_strangers,
]


async def converse(server, played):
    for security, cases in (("starttls", CASES), ("tls", reversed(CASES))):
        stage = Stage(server, security)
        for name in stage.names.values():
            server.add_account(name, PASSWORD)
        for case in cases:
            await played.play(f"{security} {case.__name__}", case, stage)
        for person in (stage.ann, stage.ben):
            if person:
                await person.log_out()
    if played.only == [""]:
        await played.play("log_is_discreet", log_is_discreet, server)


# --- the log

async def log_is_discreet(server):
    """No level of the log shows what people say or their passwords; and a message's way can be followed by its name."""
    log = (server.data / "irisd.log").read_text()
    for secret in (PASSWORD, *SAID, *(server.data / "secrets").read_text().split()):
        want(len(secret) < 8 or secret not in log, f"the log shows {secret!r}")

    def names(line, key):
        return set(re.findall(rf'msg="{line}".* {key}=(\S+)', log))

    want(names("session bound", "session") & names("stanza accepted", "session") & names("stanza applied", "session"),
         "no session can be followed")
    way = [names(line, "message") for line in ("stanza accepted", "stanza applied", "stanza received", "stanza written")]
    want(set.intersection(*way), "no message can be followed from its sender to its recipient")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", help="the cases with this in their name; several with commas between")
    parser.add_argument("--debug", action="store_true", help="show every stanza")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if arguments.debug else logging.CRITICAL)
    with Server("--no-limits", "--registration") as server:
        server.add_account("carl", PASSWORD)
        server.configure("log", 'level = "debug"')  # every line that it can have
        played = Cases(arguments.only)
        asyncio.run(converse(server, played))
        if played.failed:
            server.keep()
    return played.end()


if __name__ == "__main__":
    sys.exit(main())
