import { type Content, type ReplicationMetadata, torn } from './content.ts';
import type { Machine } from './machine.ts';
import { type Running, sizeOf } from './state.ts';

interface Sync {
  readonly source: Running;
  readonly target: Running;
  remainingBytes: number;
}

interface Connection {
  readonly sides: readonly [Running, Running];
  sync: Sync | undefined;
}

const dirtiedBytes = 4 * 1024 ** 2;

export const metadataOf = (side: Running): ReplicationMetadata => {
  const metadata = side.metadata.content.drbd;
  if (metadata === undefined) throw new Error(`${side.pair.name} on ${side.host} runs without metadata`);
  return metadata;
};

/** How DRBD 8.4 kernels meet, compare generations, resynchronise and lose each other. Time passes only by `now`. */
export class Replication {
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #now: () => number;
  readonly #isLinked: (a: string, b: string) => boolean;
  readonly #bytesPerSecond: number;
  #connections: Connection[] = [];
  #generations = 0;
  #caughtUpAtMs: number;

  constructor(options: {
    machines: ReadonlyMap<string, Machine>;
    now: () => number;
    isLinked: (a: string, b: string) => boolean;
    bytesPerSecond: number;
  }) {
    this.#machines = options.machines;
    this.#now = options.now;
    this.#isLinked = options.isLinked;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#caughtUpAtMs = options.now();
  }

  /** Brings all pairs to where they are now: losses first, then progress, then new meetings. */
  catchUp(): void {
    const elapsedMs = this.#now() - this.#caughtUpAtMs;
    this.#caughtUpAtMs = this.#now();
    for (const connection of this.#connections) if (!this.#holds(connection)) this.#lose(connection);
    this.#connections = this.#connections.filter((connection) => this.#holds(connection));
    for (const connection of this.#connections) this.#advance(connection, (elapsedMs / 1000) * this.#bytesPerSecond);
    this.#meet();
  }

  peerOf(side: Running): Running | undefined {
    const connection = this.#connectionOf(side);
    return connection?.sides.find((other) => other !== side);
  }

  syncOf(side: Running): Sync | undefined {
    return this.#connectionOf(side)?.sync;
  }

  /** Declares one side's data good, as `primary --force` does. */
  force(side: Running): void {
    const metadata = metadataOf(side);
    const connection = this.#connectionOf(side);
    const peer = this.peerOf(side);
    side.role = 'Primary';
    if (peer?.disk === 'UpToDate') return;
    metadata.consistent = true;
    metadata.wasUpToDate = true;
    if (connection === undefined) {
      side.peerDisk = 'Outdated';
      metadata.peerOutdated = true;
    }
    side.disk = 'UpToDate';
    this.newGeneration(side);
    if (connection !== undefined && peer !== undefined) this.#startSync(connection, side, peer, sizeOf(side.data));
  }

  newGeneration(side: Running): void {
    const metadata = metadataOf(side);
    if (metadata.current !== undefined) {
      metadata.bitmap ??= metadata.current;
      metadata.history.push(metadata.current);
    }
    metadata.current = ++this.#generations;
    metadata.outOfSyncBytes = Math.min(sizeOf(side.data), metadata.outOfSyncBytes + dirtiedBytes);
  }

  /** A write to the replicated device, or why it does not end. */
  write(side: Running, data: string): void {
    if (side.role !== 'Primary') throw new Error(`${side.pair.name} on ${side.host} is Secondary: Wrong medium type`);
    if (side.suspended) throw new Error(`${side.pair.name} on ${side.host} is frozen`);
    const peer = this.peerOf(side);
    if (side.disk !== 'UpToDate' && peer?.disk !== 'UpToDate')
      throw new Error(`${side.pair.name} on ${side.host} has no up-to-date data in reach`);
    for (const copy of [side, peer]) if (copy?.disk === 'UpToDate') put(copy.data.content, data);
  }

  #connectionOf(side: Running): Connection | undefined {
    return this.#connections.find(({ sides }) => sides.includes(side));
  }

  #isRunning(side: Running): boolean {
    return this.#machines.get(side.host)?.kernel.running.get(side.pair.name) === side;
  }

  #holds({ sides: [a, b] }: Connection): boolean {
    return (
      this.#isRunning(a) &&
      this.#isRunning(b) &&
      a.connection === 'Connected' &&
      b.connection === 'Connected' &&
      this.#isLinked(a.host, b.host)
    );
  }

  #lose({ sides }: Connection): void {
    for (const side of sides.filter((side) => this.#isRunning(side))) {
      const peer = side === sides[0] ? sides[1] : sides[0];
      if (side.connection === 'Connected') side.connection = 'Connecting';
      side.peerDisk = peer.disk === 'Outdated' ? 'Outdated' : 'DUnknown';
      metadataOf(side).peerOutdated = side.peerDisk === 'Outdated';
      if (side.role !== 'Primary') continue;
      if (side.disk !== 'UpToDate') side.suspended = true;
      else if (side.pair.fencing === 'resource-and-stonith' && side.peerDisk !== 'Outdated') side.suspended = true;
      else this.newGeneration(side);
    }
  }

  #meet(): void {
    for (const machine of this.#machines.values())
      for (const side of machine.kernel.running.values()) {
        if (side.connection !== 'Connecting') continue;
        const peer = this.#reachablePeer(side);
        if (peer !== undefined) this.#shakeHands(side, peer);
      }
  }

  #reachablePeer(side: Running): Running | undefined {
    const peerLeg = side.pair.legs.find(({ node }) => node !== side.host);
    const peer = peerLeg && this.#machines.get(peerLeg.node)?.kernel.running.get(side.pair.name);
    if (peer?.connection !== 'Connecting' || peer.pair.port !== side.pair.port) return undefined;
    const expectsUs = peer.pair.legs.some(({ node }) => node === side.host);
    return expectsUs && this.#isLinked(side.host, peer.host) ? peer : undefined;
  }

  #shakeHands(a: Running, b: Running): void {
    if (a.role === 'Primary' && b.role === 'Primary') {
      for (const side of [a, b]) if (!side.suspended) side.connection = 'StandAlone';
      return;
    }
    const source = a.pair.secret === b.pair.secret ? sourceOf(a, b) : 'refused';
    if (source === 'refused') {
      a.connection = 'StandAlone';
      b.connection = 'StandAlone';
      return;
    }
    const connection: Connection = { sides: [a, b], sync: undefined };
    this.#connections.push(connection);
    for (const side of [a, b]) {
      side.connection = 'Connected';
      side.suspended = false;
      metadataOf(side).peerOutdated = false;
    }
    if (source === undefined) {
      const usable = metadataOf(a).current !== undefined && metadataOf(a).consistent;
      for (const side of [a, b]) settle(side, usable ? 'UpToDate' : 'Inconsistent');
      tellPeers(a, b);
      return;
    }
    const target = source === a ? b : a;
    const full = metadataOf(target).current === undefined;
    const known = metadataOf(source).outOfSyncBytes;
    this.#startSync(connection, source, target, full && known === 0 ? sizeOf(source.data) : known);
  }

  #startSync(connection: Connection, source: Running, target: Running, bytes: number): void {
    settle(source, 'UpToDate');
    settle(target, 'Inconsistent');
    tellPeers(source, target);
    target.data.content = { ...target.data.content, data: torn, signatures: [] };
    connection.sync = { source, target, remainingBytes: bytes };
    this.#advance(connection, 0);
  }

  #advance(connection: Connection, bytes: number): void {
    const { sync } = connection;
    if (sync === undefined) return;
    sync.remainingBytes = Math.max(0, sync.remainingBytes - bytes);
    for (const side of connection.sides) metadataOf(side).outOfSyncBytes = sync.remainingBytes;
    if (sync.remainingBytes > 0) return;
    const { source, target } = sync;
    target.data.content = { ...source.data.content, signatures: [...source.data.content.signatures] };
    const [from, to] = [metadataOf(source), metadataOf(target)];
    to.current = from.current;
    to.bitmap = undefined;
    to.history = [...from.history];
    from.bitmap = undefined;
    settle(target, 'UpToDate');
    tellPeers(source, target);
    connection.sync = undefined;
  }
}

/** Whose data the pair takes: a side, `undefined` where both are equal, or `refused` (split brain, unrelated data). */
function sourceOf(a: Running, b: Running): Running | undefined | 'refused' {
  const [x, y] = [metadataOf(a), metadataOf(b)];
  if (x.current === undefined && y.current === undefined) return undefined;
  if (x.current === undefined) return b;
  if (y.current === undefined) return a;
  if (x.current === y.current) {
    if (x.consistent === y.consistent) return undefined;
    return x.consistent ? a : b;
  }
  if (x.bitmap === y.current || (x.history.includes(y.current) && y.bitmap === undefined)) return a;
  if (y.bitmap === x.current || (y.history.includes(x.current) && x.bitmap === undefined)) return b;
  return 'refused';
}

function settle(side: Running, disk: 'UpToDate' | 'Inconsistent'): void {
  const metadata = metadataOf(side);
  side.disk = disk;
  metadata.consistent = disk === 'UpToDate';
  metadata.wasUpToDate = disk === 'UpToDate';
}

function tellPeers(a: Running, b: Running): void {
  a.peerDisk = b.disk;
  b.peerDisk = a.disk;
}

function put(content: Content, data: string): void {
  content.data = data;
}
