import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire in front of a server that can be cut, or go silent as one does whose far end lost its power. */
export interface TcpRelay {
  readonly port: number;
  /** How many connections are open. */
  open(): number;
  /** How many were ever made. */
  made(): number;
  /** Nothing passes any more on the connections that are open, in either direction; new ones are sound. */
  silence(): void;
  /** Ends the connections that are open. */
  cut(): void;
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
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const cut = () => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy()));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => pairs.size,
    made: () => made,
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    cut,
    close() {
      server.close();
      cut();
    },
  };
}
