// One contender as a process of its own, forked by the benchmark: takes its work as the first message, tells when all
// objects are as it wants them, and when told to finish tells the rest and ends. Needs --expose-gc.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { countConnections } from './connections.ts';
import type { ApiAccess, Contender, ContenderName } from './contender.ts';
import { nowUs } from './sample.ts';

export interface Order {
  readonly contender: ContenderName;
  readonly api: ApiAccess;
  readonly objects: number;
  readonly concurrency: number;
}

/** All objects were listed and have their status. */
export interface Settled {
  /** From nothing until the first pass could begin. */
  readonly startMs: number;
  /** From then until the last status was written. */
  readonly writingMs: number;
  readonly writingCpuMs: number;
  /** What holding the objects costs, with all that goes with it. */
  readonly heapBytes: number;
}

export interface Finished {
  /** For each change that somebody made since, from before its write until a pass saw it. */
  readonly latenciesUs: readonly number[];
  readonly connectionsMade: number;
  readonly connectionsOpen: number;
  readonly peakRssMiB: number;
}

/** Until the echoes of the last writes have come. */
const echoMs = 3000;

const connections = countConnections();
const [order] = (await once(process, 'message')) as [Order];
const { contender } = (
  order.contender === 'operator' ? await import('./with-operator.ts') : await import('./with-client-node.ts')
) as { contender: Contender };

const latencies = new Map<number, number>();
let firstPassMs: number | undefined;
let cpuAtFirstPass = process.cpuUsage();
let writes = 0;
const settled = Promise.withResolvers<void>();
const work = {
  ...order,
  by: order.contender,
  sees({ spec: { sentAtUs } }: { spec: { sentAtUs?: number } }) {
    if (sentAtUs !== undefined && !latencies.has(sentAtUs)) latencies.set(sentAtUs, nowUs() - sentAtUs);
    if (firstPassMs !== undefined) return;
    firstPassMs = performance.now();
    cpuAtFirstPass = process.cpuUsage();
  },
  wrote() {
    writes += 1;
    if (writes === order.objects) settled.resolve();
  },
};

const heapAtStart = await heapBytes();
const startedMs = performance.now();
const stop = new AbortController();
const run = contender(work, stop.signal);
await Promise.race([settled.promise, run]);
const { user, system } = process.cpuUsage(cpuAtFirstPass);
const writingMs = performance.now() - firstPassMs!;
await delay(echoMs);
const news: Settled = {
  startMs: firstPassMs! - startedMs,
  writingMs,
  writingCpuMs: (user + system) / 1000,
  heapBytes: (await heapBytes()) - heapAtStart,
};
latencies.clear();
process.send!(news);

await once(process, 'message');
const end: Finished = {
  latenciesUs: [...latencies.values()],
  connectionsMade: connections.made(),
  connectionsOpen: connections.open(),
  peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.send!(end);
stop.abort();
await run;
process.exit();

async function heapBytes(): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc!();
    await delay(100);
  }
  return process.memoryUsage().heapUsed;
}
