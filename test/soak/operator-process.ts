// One operator as a process of its own, forked by the soak; needs --expose-gc.
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, kubernetesClient, LeadershipLost, type Log, manager } from '@dot-kube/operator';
import { boxController } from './box.controller.ts';
import { kindsOf, namespace } from './kinds.ts';
import { leaseLostCode, type News, type Order, type Question } from './messages.ts';
import { versionsOf } from './versions.ts';

const tellMs = 1000;

const { server, ca, token, operator, identity, lease }: Order = JSON.parse(process.argv[2]!);
const { Box, Part } = kindsOf(operator);
const tell = (news: News): void => void process.send!(news);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('disconnect', () => process.exit(1));

let passes = 0;
let cache: Cache | undefined;
setInterval(() => tell({ about: 'passes', passes }), tellMs);
process.on('message', (question: Question) => void answer(question));

const client = kubernetesClient({ server, ca, token }, { userAgent: identity });
const boxes = boxController({ Box, Part }, (seen) => {
  passes += 1;
  cache = seen;
});
const leaderElection = lease === undefined ? {} : { leaderElection: { namespace, name: lease } };
try {
  await manager({ client, identity, controllers: [boxes], log: logOf({}), ...leaderElection }).run(stop.signal);
} catch (error) {
  if (!(error instanceof LeadershipLost)) throw error;
  process.exit(leaseLostCode);
}
process.exit();

async function answer(question: Question): Promise<void> {
  if (question === 'heap') tell({ about: 'heap', bytes: await heapBytes() });
  else tell({ about: 'caches', versions: cache && versionsOf(cache.list(Box), cache.list(Part)) });
}

async function heapBytes(): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc!();
    await delay(100);
  }
  return process.memoryUsage().heapUsed;
}

/** For the soak to keep the end of, should this process end as it must not. */
function logOf(of: object): Log {
  const write = (fields: object, message: string): void => {
    const { err, ...rest } = { ...of, ...fields } as { err?: unknown };
    writeSync(process.stderr.fd, `${message} ${JSON.stringify(rest)} ${err instanceof Error ? err.message : ''}\n`);
  };
  return {
    debug: () => {},
    info: write,
    warn: write,
    error: write,
    child: (fields) => logOf({ ...of, ...fields }),
  };
}
