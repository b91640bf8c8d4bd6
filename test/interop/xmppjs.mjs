// Two people use @xmpp/client over WebSocket with TLS: log in, roster, presence, talk, archive, a cut connection, and
// what was said while one of them was away.
//
// usage: node xmppjs.mjs HTTPS_PORT PASSWORD     the accounts ann and ben exist; prints one line per case, and
//                                                `N passed, N failed`
import { client, xml } from '@xmpp/client';
import { play, want, want_same } from './cases.mjs';
import { Relay } from './relay.mjs';

const [https_port, password] = process.argv.slice(2);
// An answer that takes longer than this is none. Generous: the machine may be busy compiling.
const WAIT_MS = Number(process.env.IRIS_ANSWER_SECONDS ?? 30) * 1000;

class Person {
  // `port` is the server's or a relay's.
  constructor(name, port, secret = password) {
    this.jid = `${name}@localhost`;
    this.heard = [];
    this.nonzas = [];
    this.changed = () => {};
    this.xmpp = client({ service: `wss://localhost:${port}/ws`, domain: 'localhost', username: name, password: secret });
    this.xmpp.timeout = WAIT_MS;
    this.xmpp.reconnect.delay = 100;
    this.xmpp.on('error', () => {}); // a cut connection is one; what matters is awaited
    this.xmpp.on('stanza', (stanza) => this.note(this.heard, stanza));
    this.xmpp.on('nonza', (nonza) => this.note(this.nonzas, nonza));
  }

  note(heap, element) {
    heap.push(element);
    this.changed();
  }

  // The first of what came, or comes, for which `met` is true.
  async wait(heap, met, what) {
    const over = Date.now() + WAIT_MS;
    for (;;) {
      const found = heap.find(met);
      if (found) return found;
      const left = over - Date.now();
      want(left > 0, `${this.jid}: ${what} did not come`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.changed = () => (clearTimeout(timer), resolve());
      });
    }
  }

  log_in() {
    return this.xmpp.start();
  }

  async log_out() {
    this.xmpp.reconnect.stop();
    // Without a last ack the server has to keep for later what it cannot know to have arrived (XEP-0198 §4).
    const { enabled, inbound } = this.xmpp.streamManagement;
    if (enabled) await this.xmpp.send(xml('a', { xmlns: 'urn:xmpp:sm:3', h: inbound }));
    await this.xmpp.stop();
  }

  ask(child, type = 'get') {
    return this.xmpp.iqCaller.request(xml('iq', { type }, child), WAIT_MS);
  }

  say(to, text) {
    return this.xmpp.send(xml('message', { type: 'chat', to: to.jid }, xml('body', {}, text)));
  }

  hears(text) {
    return this.wait(this.heard, (stanza) => stanza.is('message') && stanza.getChildText('body') === text, `'${text}'`);
  }

  // What others said, in the order of arrival.
  texts() {
    return this.heard.filter((s) => s.is('message') && s.getChild('body')).map((s) => s.getChildText('body'));
  }

  // The texts of the archive's first ten messages behind the one with this id, or of its newest ten.
  async archived(after) {
    const page = after ? xml('after', {}, after) : xml('before');
    const query = xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: `q${this.heard.length}` },
      xml('set', 'http://jabber.org/protocol/rsm', xml('max', {}, '10'), page));
    const answer = await this.ask(query, 'set');
    want_same(answer.getChild('fin', 'urn:xmpp:mam:2').attrs.complete, 'true', 'complete');
    return this.heard.map((stanza) => stanza.getChild('result', 'urn:xmpp:mam:2'))
      .filter((result) => result?.attrs.queryid === query.attrs.queryid)
      .map((result) => result.getChild('forwarded').getChild('message').getChildText('body'));
  }

  sees(other, type) {
    return this.wait(this.heard, (stanza) => stanza.is('presence') && stanza.attrs.type === type &&
      stanza.attrs.from.split('/')[0] === other.jid, `presence ${type} of ${other.jid}`);
  }

  presence(attributes = {}) {
    return this.xmpp.send(xml('presence', attributes));
  }
}

async function conversation() {
  const relay = await Relay.start(https_port);
  let ann = new Person('ann', relay.port);
  const ben = new Person('ben', https_port);
  const said = ['Hello Ben', 'Hello & <hello> – 🐎'];
  const away = [1, 2, 3].map((n) => `while you were away ${n}`);
  const missed = ['Where are you?', 'Call me'];
  const cases = [
    ['a wrong password is refused', async () => {
      const thief = new Person('ann', https_port, 'wrong');
      const refusal = await thief.log_in().then(() => null, (error) => error);
      want_same(refusal?.condition, 'not-authorized', 'login with a wrong password');
      await thief.log_out();
    }],
    ['connect and log in', async () => {
      for (const person of [ann, ben]) {
        const bound = await person.log_in();
        want_same(bound.bare().toString(), person.jid, 'bound');
      }
    }],
    ['roster and presence', async () => {
      for (const person of [ann, ben]) {
        const roster = await person.ask(xml('query', 'jabber:iq:roster'));
        want_same(roster.getChild('query').getChildren('item').length, 0, 'items of a new roster');
        await person.presence();
        await person.sees(person);
      }
      for (const [asking, asked] of [[ann, ben], [ben, ann]]) {
        await asking.presence({ to: asked.jid, type: 'subscribe' });
        await asked.sees(asking, 'subscribe');
        await asked.presence({ to: asking.jid, type: 'subscribed' });
        await asking.sees(asked, 'subscribed');
        await asking.sees(asked);
      }
      const roster = await ann.ask(xml('query', 'jabber:iq:roster'));
      want_same(roster.getChild('query').getChild('item').attrs, { jid: ben.jid, subscription: 'both' }, 'roster item');
    }],
    ['a message each way', async () => {
      await ann.say(ben, said[0]);
      await ben.hears(said[0]);
      await ben.say(ann, said[1]);
      await ann.hears(said[1]);
    }],
    ['the archive has both', async () => {
      want_same(await ann.archived(), said, 'archived');
    }],
    ['back after a cut connection, without loss', async () => {
      ben.heard.length = ann.heard.length = 0;
      const disconnected = new Promise((resolve) => ann.xmpp.once('disconnect', resolve));
      relay.cut();
      await disconnected;
      for (const text of away) await ben.say(ann, text);
      // Answered when all that is above has been accepted.
      await ben.ask(xml('ping', 'urn:xmpp:ping'));
      relay.mend();
      await ann.wait(ann.nonzas, (nonza) => nonza.is('resumed', 'urn:xmpp:sm:3'), 'resumption');
      await ann.hears(away[2]);
      want_same(ann.texts(), away, 'after the cut arrived');
      await ann.say(ben, 'I am back');
      await ben.hears('I am back');
      want(!ben.heard.some((stanza) => stanza.is('presence')), 'a friend saw the cut');
    }],
    ['what was said while away is in the archive, and comes', async () => {
      const known = (await ann.hears(away[2])).getChild('stanza-id', 'urn:xmpp:sid:0').attrs.id;
      await ann.log_out();
      for (const text of missed) await ben.say(ann, text);
      await ben.ask(xml('ping', 'urn:xmpp:ping'));
      ann = new Person('ann', https_port);
      await ann.log_in();
      want_same(await ann.archived(known), ['I am back', ...missed], 'archived since');
      want_same(ann.texts(), [], 'came before the presence');
      await ann.presence();
      await ann.hears(missed[1]);
      want_same(ann.texts(), missed, 'came');
    }],
    ['log out', async () => {
      for (const person of [ann, ben]) await person.log_out();
    }],
  ];
  await play(cases);
  relay.stop();
}

await conversation();
// Whatever a failed case has left open shall not keep this process.
process.exit();
