// Two people use the web client as people do, in Debian's Chromium: register, log in, become contacts, talk, reload,
// come back on another device, find their history, and lose their connection.
//
// usage: node browser.mjs URL ARTIFACTS     prints one line per case, and `N passed, N failed`
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { play, want, want_same } from './cases.mjs';
import { Relay } from './relay.mjs';

const [url, artifacts] = process.argv.slice(2);
// No & and no quotes: right after registering, Converse.js 14 logs in with its own escaped form of the password.
const PASSWORD = 'Pferd, Batterie = Heftklammer';
// A page that takes longer than this has failed. Generous: the machine may be busy compiling.
const WAIT_MS = Number(process.env.IRIS_BROWSER_WAIT_MS ?? 45_000);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

// One person at one device: a browser context of its own shares nothing with another one's.
class Device {
  // `at` is where it finds the web client, if not at the server itself.
  static async start(browser, name, at = url) {
    const device = new Device();
    device.name = name;
    device.jid = `${name}@localhost`;
    device.complaints = [];
    device.context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB' });
    device.context.setDefaultTimeout(WAIT_MS);
    device.page = await device.context.newPage();
    device.page.on('pageerror', (error) => device.complaints.push(`error in the page: ${error.message}`));
    device.page.on('request', (request) => {
      if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== new URL(at).host) {
        device.complaints.push(`asks another host: ${request.url()}`);
      }
    });
    device.page.on('response', (answer) => {
      if (answer.status() >= 400) device.complaints.push(`${answer.status()} for ${answer.url()}`);
    });
    device.page.on('websocket', (socket) => (device.socket = socket));
    await device.page.goto(at);
    return device;
  }

  at(selector) {
    return this.page.locator(selector).first();
  }

  logged_in() {
    return this.at('converse-user-profile .userinfo').waitFor();
  }

  async register() {
    await this.at('a.toggle-register-login').click();
    await this.at('#converse-register input[name=username]').fill(this.name);
    await this.at('#converse-register input[name=password]').fill(PASSWORD);
    await this.at('#converse-register input[type=submit]').click();
    await this.logged_in();
  }

  async log_in(password = PASSWORD) {
    await this.at('#converse-login input[name=jid]').fill(this.name);
    await this.at('#converse-login input[name=password]').fill(password);
    await this.at('#converse-login input[name=password]').press('Enter');
  }

  // After a reload Converse.js may come back by itself or ask for the password; a person does what is asked.
  async come_back() {
    await this.page.reload();
    const form = this.at('#converse-login input[name=password]');
    await this.at('#converse-login input[name=password], converse-user-profile .userinfo').waitFor();
    if (await form.isVisible()) await this.log_in();
    await this.logged_in();
  }

  contact(jid) {
    return this.at(`converse-roster-contact a.open-chat[data-jid="${jid}"]`);
  }

  async add_contact(jid) {
    await this.at('.dropdown--contacts button').click();
    await this.at('.dropdown--contacts a.add-contact').click();
    await this.at('converse-add-contact-modal input[name=jid]').fill(jid);
    await this.at('converse-add-contact-modal [type=submit]').click();
    await this.at('converse-add-contact-modal').waitFor({ state: 'hidden' });
  }

  async accept_contact(jid) {
    const entry = this.page.locator('converse-roster-contact', { has: this.page.locator('.accept-xmpp-request') });
    await entry.locator('converse-dropdown button').first().click();
    await entry.locator('.accept-xmpp-request').first().click();
    // Accepting offers to add the other one in turn.
    await this.at('converse-accept-contact-request-modal [type=submit]').click();
    await this.contact(jid).waitFor();
  }

  online(jid) {
    return this.at(`.roster-contacts li[data-status=online] a[data-jid="${jid}"]`).waitFor();
  }

  async open_chat(jid) {
    await this.contact(jid).click();
    await this.at('textarea.chat-textarea').waitFor();
  }

  async say(text) {
    await this.at('textarea.chat-textarea').fill(text);
    await this.at('textarea.chat-textarea').press('Enter');
    await this.sees(text);
  }

  sees(text) {
    return this.page.locator('.chat-msg__text', { hasText: text }).first().waitFor();
  }

  // The texts of the open chat, from the top.
  texts() {
    return this.page.locator('.chat-msg__text').allInnerTexts();
  }
}

const said = [
  'Hello Ben, is this Iris?',
  'It is. <b>Nothing</b> & nobody lost – 🐎',
  'And after a reload?',
  'Still here.',
  'Are you still there?',
  'Now I am.',
];

function conversation(browser, relay, people, tag) {
  let ann, ben;
  return [
    ['a page without complaint', async () => {
      ann = await Device.start(browser, `ann-${tag}`, `http://127.0.0.1:${relay.port}/`);
      ben = await Device.start(browser, `ben-${tag}`);
      people.push(ann, ben);
      await ann.at('#converse-login input[name=jid]').waitFor();
    }],
    ['register', async () => {
      await ann.register();
      await ben.register();
    }],
    ['log in on another device, not with a wrong password', async () => {
      const other = await Device.start(browser, ben.name);
      await other.log_in('wrong');
      await other.at('.conn-feedback, .alert-danger, .error').waitFor();
      want(!(await other.at('converse-user-profile .userinfo').isVisible()), 'logged in with a wrong password');
      await other.page.reload();
      await other.log_in();
      await other.logged_in();
      await other.context.close();
    }],
    ['become contacts', async () => {
      await ann.add_contact(ben.jid);
      await ben.accept_contact(ann.jid);
      await ann.online(ben.jid);
    }],
    ['send and receive', async () => {
      await ann.open_chat(ben.jid);
      await ben.open_chat(ann.jid);
      await ann.say(said[0]);
      await ben.sees(said[0]);
      await ben.say(said[1]);
      await ann.sees(said[1]);
    }],
    ['reload, history still there, and go on', async () => {
      await ann.come_back();
      await ann.open_chat(ben.jid);
      await ann.sees(said[1]);
      want_same(await ann.texts(), said.slice(0, 2), 'after a reload');
      await ann.say(said[2]);
      await ben.sees(said[2]);
      await ben.say(said[3]);
      await ann.sees(said[3]);
      want_same(await ben.texts(), said.slice(0, 4), 'all that was said');
      await ann.page.screenshot({ path: join(artifacts, 'converse.png') });
    }],
    ['history on a new device comes from the server', async () => {
      const fresh = await Device.start(browser, ann.name);
      await fresh.log_in();
      await fresh.logged_in();
      await fresh.online(ben.jid);
      await fresh.open_chat(ben.jid);
      await fresh.sees(said[3]);
      want_same(await fresh.texts(), said.slice(0, 4), 'on a new device');
      await fresh.context.close();
    }],
    ['a cut connection is made again, and nothing is lost', async () => {
      const gone = ann.socket.waitForEvent('close', { timeout: WAIT_MS });
      relay.cut();
      await gone;
      await ben.say(said[4]);
      relay.mend();
      await ann.sees(said[4]);
      await ann.logged_in();
      await ann.say(said[5]);
      await ben.sees(said[5]);
      want_same(await ann.texts(), said, 'after the cut');
    }],
    ['no errors in the page, no request to other hosts', async () => {
      want_same([...new Set([...ann.complaints, ...ben.complaints])], [], 'complaints');
    }],
  ];
}

async function main() {
  mkdirSync(artifacts, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const relay = await Relay.start(new URL(url).port);
  const people = [];
  await play(conversation(browser, relay, people, Date.now().toString(36)), async (number) => {
    for (const person of people) {
      await person.page.screenshot({ path: join(artifacts, `failed-${number}-${person.name}.png`) }).catch(() => {});
    }
  });
  await browser.close();
  relay.stop();
}

await main();
