// Starts Converse.js against the server that this page came from. Nothing here asks any other host for anything.
import converse from './converse/converse.min.js';

// What the server says of itself. A page served by something else than Iris gets the defaults.
async function server_facts() {
  const defaults = { domain: location.hostname, registration: false };
  try {
    const answer = await fetch('client.json', { cache: 'no-store' });
    return answer.ok ? { ...defaults, ...(await answer.json()) } : defaults;
  } catch {
    return defaults;
  }
}

function web_socket_url() {
  const url = new URL('ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  url.search = '';
  return url.href;
}

function show(text) {
  const note = document.getElementById('iris-note');
  note.textContent = text;
  note.hidden = false;
}

// Passwords are proven by SCRAM (RFC 5802), for which browsers lend their cryptography to secure pages only: HTTPS, or
// any page on this very machine.
function is_secure() {
  return window.isSecureContext && window.crypto?.subtle !== undefined;
}

// Converse.js puts its own name, menu and sponsors (with images from their hosts) on the login page. It leaves elements
// alone that are defined already.
function put_our_name() {
  class Name extends HTMLElement {
    connectedCallback() {
      this.innerHTML = '<div class="iris-brand"><img src="iris.svg" alt=""><h1>Iris</h1></div>';
    }
  }
  class Nothing extends HTMLElement {}
  customElements.define('converse-brand-logo', Name);
  customElements.define('converse-footer', Nothing);
  customElements.define('converse-controlbox-navbar', class extends Nothing {});
}

async function start() {
  if (!is_secure()) {
    show('This browser allows no login on an unencrypted page from another machine. Please use the https address.');
    return;
  }
  const facts = await server_facts();
  put_our_name();
  document.title = facts.domain === 'localhost' ? 'Iris' : `Iris · ${facts.domain}`;
  converse.initialize({
    view_mode: 'fullscreen',
    assets_path: new URL('converse/', location.href).pathname,
    websocket_url: web_socket_url(),
    discover_connection_methods: false,
    locked_domain: facts.domain,
    allow_registration: facts.registration,
    registration_domain: facts.registration ? facts.domain : '',
    // Lists of public servers and previews of links would be fetched from strangers.
    xmpp_providers_url: '',
    autocomplete_providers_url: '',
    providers_link: '',
    embed_3rd_party_media_players: false,
    render_media: false,
    show_client_info: false,
    // Rooms, bookmarks and encryption keys need what the server does not have yet (XEP-0045, XEP-0163).
    auto_list_rooms: false,
    auto_register_muc_nickname: false,
    blacklisted_plugins: ['converse-bookmark-views', 'converse-roomslist', 'converse-omemo', 'converse-omemo-views'],
    allow_bookmarks: false,
    show_self_in_roster: false,
    auto_reconnect: true,
    play_sounds: false,
    loglevel: 'warn',
  });
}

start();
