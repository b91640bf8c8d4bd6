// A TCP relay on loopback between a client and its server, to cut the connections of a client that lives.
import net from 'node:net';

export class Relay {
  static async start(server_port) {
    const relay = new Relay();
    relay.pairs = new Set();
    relay.open = true;
    relay.listener = net.createServer((client) => relay.connect(client, server_port));
    await new Promise((resolve) => relay.listener.listen(0, '127.0.0.1', resolve));
    relay.port = relay.listener.address().port;
    return relay;
  }

  connect(client, server_port) {
    if (!this.open) {
      client.resetAndDestroy();
      return;
    }
    const server = net.connect(server_port, '127.0.0.1');
    const pair = [client, server];
    this.pairs.add(pair);
    for (const [one, other] of [pair, [server, client]]) {
      one.on('error', () => {}); // what it means for the other one follows at 'close'
      one.on('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  // Every connection is reset, on both sides, and nobody gets through until mend().
  cut() {
    this.open = false;
    for (const pair of [...this.pairs]) pair.forEach((socket) => socket.resetAndDestroy());
  }

  mend() {
    this.open = true;
  }

  stop() {
    this.cut();
    this.listener.close();
  }
}
