import { createServer } from 'node:net';

async function reserve() {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return { port: address.port, release: () => new Promise((resolve) => server.close(resolve)) };
}

/** Different ports that were free just now on the loopback address; all are held until the last one is known. */
export async function freePorts<N extends string>(names: readonly N[]): Promise<Record<N, number>> {
  const held = await Promise.all(names.map(reserve));
  await Promise.all(held.map(({ release }) => release()));
  return Object.fromEntries(names.map((name, index) => [name, held[index]?.port])) as Record<N, number>;
}
