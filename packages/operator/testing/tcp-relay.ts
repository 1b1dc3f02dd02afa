import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A wire in front of a server that can be cut, refuse to connect as while the server restarts, or go silent as one does
 * whose far end lost its power.
 */
export interface TcpRelay {
  readonly port: number;
  /** How many connections are open. */
  open(): number;
  /** How many were ever made. */
  made(): number;
  /**
   * Nothing passes any more on the connections that are open, in either direction; new ones are sound.
   * @param from only on the one that reaches the server from this port
   */
  silence(from?: number): void;
  /** Ends the connections that are open. */
  cut(): void;
  /** Cuts, and refuses new connections until {@link accept}. */
  refuse(): void;
  accept(): Promise<void>;
  close(): void;
}

/** Listens on the loopback address and passes all on to a port there. */
export async function tcpRelay(target: number): Promise<TcpRelay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let made = 0;
  const server = createServer({ allowHalfOpen: false }, (near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    const pair = [near, far] as const;
    made += 1;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => {});
      from.once('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const cut = () => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy()));
  const refuse = () => {
    server.close();
    cut();
  };
  return {
    port,
    open: () => pairs.size,
    made: () => made,
    silence(from) {
      for (const [near, far] of pairs) {
        if (from !== undefined && far.localPort !== from) continue;
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    cut,
    refuse,
    async accept() {
      if (!server.listening) await listen(port);
    },
    close: refuse,
  };
}
