// Two people use the web client as people do, in Debian's Chromium: register, log in, become contacts, talk, reload,
// come back on another device, and find their history.
//
// usage: node browser.mjs URL ARTIFACTS     prints one line per case, and `N passed, N failed`
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const [url, artifacts] = process.argv.slice(2);
// No & and no quotes: right after registering, Converse.js 14 logs in with its own escaped form of the password.
const PASSWORD = 'Pferd, Batterie = Heftklammer';
// A page that takes longer than this has failed. Generous: the machine may be busy compiling.
const WAIT_MS = Number(process.env.IRIS_BROWSER_WAIT_MS ?? 45_000);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

// One person at one device: a browser context of its own shares nothing with another one's.
class Device {
  static async start(browser, name) {
    const device = new Device();
    device.name = name;
    device.jid = `${name}@localhost`;
    device.complaints = [];
    device.context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-GB' });
    device.context.setDefaultTimeout(WAIT_MS);
    device.page = await device.context.newPage();
    device.page.on('pageerror', (error) => device.complaints.push(`error in the page: ${error.message}`));
    device.page.on('request', (request) => {
      if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== new URL(url).host) {
        device.complaints.push(`asks another host: ${request.url()}`);
      }
    });
    device.page.on('response', (answer) => {
      if (answer.status() >= 400) device.complaints.push(`${answer.status()} for ${answer.url()}`);
    });
    await device.page.goto(url);
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

function want(condition, what) {
  if (!condition) throw new Error(what);
}

function want_same(got, wanted, what) {
  const [is, should_be] = [JSON.stringify(got), JSON.stringify(wanted)];
  want(is === should_be, `${what}: ${is}, not ${should_be}`);
}

const said = [
  'Hello Ben, is this Iris?',
  'It is. <b>Nothing</b> & nobody lost – 🐎',
  'And after a reload?',
  'Still here.',
];

function conversation(browser, tag) {
  let ann, ben;
  return [
    ['a page without complaint', async () => {
      ann = await Device.start(browser, `ann-${tag}`);
      ben = await Device.start(browser, `ben-${tag}`);
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
      want_same(await ben.texts(), said, 'all that was said');
      await ann.page.screenshot({ path: join(artifacts, 'converse.png') });
    }],
    ['history on a new device comes from the server', async () => {
      const fresh = await Device.start(browser, ann.name);
      await fresh.log_in();
      await fresh.logged_in();
      await fresh.online(ben.jid);
      await fresh.open_chat(ben.jid);
      await fresh.sees(said[3]);
      want_same(await fresh.texts(), said, 'on a new device');
      await fresh.context.close();
    }],
    ['no errors in the page, no request to other hosts', async () => {
      want_same([...new Set([...ann.complaints, ...ben.complaints])], [], 'complaints');
    }],
  ].map(([name, step]) => [name, step, () => [ann, ben]]);
}

async function main() {
  mkdirSync(artifacts, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  let passed = 0;
  let failed = 0;
  for (const [name, step, people] of conversation(browser, Date.now().toString(36))) {
    const began = Date.now();
    try {
      await step();
      passed += 1;
      console.log(`ok    ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
      for (const person of people()) {
        await person?.page.screenshot({ path: join(artifacts, `failed-${failed}-${person.name}.png`) }).catch(() => {});
      }
    }
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

await main();
