"""What must be true after any number of crashes, as a pure function over what people sent, saw and find archived.

A checker that cannot fail proves nothing: `python3 crash_check.py` feeds it doctored evidence, one fault at a time, and
wants each found.
"""
import collections
import copy
import sys
from dataclasses import dataclass, field


@dataclass
class Sent:
    """A message as its sender knows it. The text is `SENDER NUMBER`, the number counts per sender from 0."""
    number: int
    to: str
    text: str
    acked: bool = False


@dataclass
class Seen:
    """A message as it arrived at a session, or lies in an archive. Addresses are bare."""
    id: str  # the archive's id, which is also the stanza-id (XEP-0359)
    sender: str
    to: str
    text: str


@dataclass
class Evidence:
    """All that one person knows. A session reaches from a bind over its resumptions to its end."""
    sent: list = field(default_factory=list)
    sessions: list = field(default_factory=list)
    archive: list = field(default_factory=list)


def check(people):
    """The problems in {bare JID: Evidence}, one line each; none if all is well."""
    problems = []
    for jid, mine in people.items():
        problems += _archive_alone(jid, mine, people)
        for other, theirs in people.items():
            if other != jid:
                problems += _both_archives(jid, mine, other, theirs)
        problems += _live(jid, mine, people)
    return problems


def _number(entry):
    return int(entry.text.rsplit(" ", 1)[1])


def _archive_alone(jid, mine, people):
    """Ids are unique, and nothing is there that nobody sent."""
    for id_, times in collections.Counter(entry.id for entry in mine.archive).items():
        if times > 1:
            yield f"{jid}: archive id {id_} is there {times} times"
    known = {(sender, sent.to, sent.text) for sender, theirs in people.items() for sent in theirs.sent}
    for entry in mine.archive:
        if (entry.sender, entry.to, entry.text) not in known:
            yield f"{jid}: archived, but never sent so: {entry}"
        elif jid not in (entry.sender, entry.to):
            yield f"{jid}: somebody else's message is archived: {entry}"


def _both_archives(sender, mine, recipient, theirs):
    """What was acknowledged is in both archives, nothing twice, and both keep the order of sending."""
    texts = [sent for sent in mine.sent if sent.to == recipient]
    for owner, archive in ((sender, mine.archive), (recipient, theirs.archive)):
        there = [entry for entry in archive if entry.sender == sender and entry.to == recipient]
        times = collections.Counter(entry.text for entry in there)
        for sent in texts:
            if sent.acked and not times[sent.text]:
                yield f"LOST: '{sent.text}' to {recipient} was acknowledged and is not in the archive of {owner}"
        for text, count in times.items():
            if count > 1:
                yield f"TWICE: '{text}' to {recipient} is {count} times in the archive of {owner}"
        yield from _order(there, f"archive of {owner}, {sender} to {recipient}")
    if sender != recipient:
        everything = [entry for entry in mine.archive if entry.sender == sender]
        yield from _order(everything, f"archive of {sender}, all that they sent")


def _order(entries, where):
    for before, after in zip(entries, entries[1:]):
        # Equal numbers are the same message twice, which is another fault with a line of its own.
        if _number(before) > _number(after):
            yield f"ORDER: '{after.text}' comes after '{before.text}' ({where})"


def _live(jid, mine, people):
    """A session sees nothing twice and all in order, under the archive's ids; all sessions together see everything."""
    archived = {entry.text: entry.id for entry in mine.archive if entry.to == jid}
    arrived = set()
    for index, session in enumerate(mine.sessions):
        where = f"session {index} of {jid}"
        for text, count in collections.Counter(seen.text for seen in session).items():
            if count > 1:
                yield f"TWICE: '{text}' was delivered {count} times in {where}"
        for sender in people:
            yield from _order([seen for seen in session if seen.sender == sender], where)
        for seen in session:
            arrived.add((seen.sender, seen.text))
            if seen.text in archived and archived[seen.text] != seen.id:
                yield f"ID: '{seen.text}' came to {where} as {seen.id} and is archived as {archived[seen.text]}"
    for sender, theirs in people.items():
        for sent in theirs.sent:
            if sent.to == jid and sent.acked and (sender, sent.text) not in arrived:
                yield f"LOST: '{sent.text}' was acknowledged and never delivered to {jid}"


# --- the test of the checker

def _sound():
    """Two people, six messages, two sessions of the recipient; one message seen again by the later session."""
    ann, ben = "ann@localhost", "ben@localhost"
    entries = [Seen(f"a{n}", ann, ben, f"ann {n}") for n in range(6)]
    return {
        ann: Evidence([Sent(n, ben, f"ann {n}", True) for n in range(6)], [[]],
                      [Seen(f"s{n}", ann, ben, f"ann {n}") for n in range(6)]),
        ben: Evidence([], [entries[:4], entries[3:]], copy.deepcopy(entries)),
    }


def _doctor(change):
    people = copy.deepcopy(_sound())
    change(people["ann@localhost"], people["ben@localhost"])
    return check(people)


def _swap(entries, one, other):
    entries[one], entries[other] = entries[other], entries[one]


FAULTS = {
    "lost from the recipient's archive": ("LOST", lambda ann, ben: ben.archive.pop(2)),
    "lost from the sender's archive": ("LOST", lambda ann, ben: ann.archive.pop(5)),
    "twice in the recipient's archive": ("TWICE", lambda ann, ben: ben.archive.append(
        Seen("a9", "ann@localhost", "ben@localhost", "ann 5"))),
    "twice in the sender's archive": ("TWICE", lambda ann, ben: ann.archive.append(
        Seen("s9", "ann@localhost", "ben@localhost", "ann 5"))),
    "out of order in an archive": ("ORDER", lambda ann, ben: _swap(ben.archive, 1, 2)),
    "out of order in a session": ("ORDER", lambda ann, ben: _swap(ben.sessions[0], 1, 2)),
    "twice in one session": ("TWICE", lambda ann, ben: ben.sessions[1].append(ben.sessions[1][-1])),
    "never delivered": ("LOST", lambda ann, ben: ben.sessions[0].pop(0)),
    "another id live than archived": ("ID", lambda ann, ben: setattr(ben.archive[1], "id", "x")),
    "an id twice": ("archive id", lambda ann, ben: setattr(ben.archive[1], "id", "a2")),
    "a text changed on its way": ("never sent", lambda ann, ben: setattr(ben.archive[1], "text", "ann 77")),
    "a stranger's message": ("never sent", lambda ann, ben: ben.archive.append(
        Seen("z", "eve@localhost", "ben@localhost", "eve 1"))),
}


def self_test():
    """True if sound evidence passes and each fault is found and called by its name."""
    sound = check(_sound())
    for problem in sound:
        print(f"FAIL  sound evidence is refused: {problem}")
    # What was never acknowledged may be missing: that is no fault.
    unacked = _doctor(lambda ann, ben: (setattr(ann.sent[5], "acked", False), ann.archive.pop(5), ben.archive.pop(5)))
    for problem in unacked:
        print(f"FAIL  a message without an ack may be lost, but: {problem}")
    missed = [name for name, (word, change) in FAULTS.items() if not any(word in p for p in _doctor(change))]
    for name in missed:
        print(f"FAIL  not found: {name}")
    failed = len(missed) + bool(sound) + bool(unacked)
    print(f"checker of the crash test: {len(FAULTS) + 2 - failed} passed, {failed} failed")
    return not failed


if __name__ == "__main__":
    sys.exit(not self_test())
