// One of the processes that the leader election test freezes. While it leads, it writes a line to a journal for each
// byte that it reads, without looking whether anyone else writes. A line says who wrote it and under which tenure. Its
// event loop stands still before it writes and after, so that no timer comes between: the worst that can happen to it.
import { readFileSync, writeSync } from 'node:fs';
import { builtin, controller, done, kubernetesClient, manager, watch } from '@dot-kube/operator';

export interface LeaderArguments {
  readonly server: string;
  readonly caPath: string;
  readonly token: string;
  readonly identity: string;
  /** Name of the Lease and of the journal, a ConfigMap; both in namespace `default`. */
  readonly name: string;
}

const { server, caPath, token, identity, name }: LeaderArguments = JSON.parse(process.argv[2]!);
const namespace = 'default';
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token }, { userAgent: identity });

let lines = 0;
const journal = controller({
  name: 'journal',
  resource: builtin.ConfigMap,
  // No object, so that its own lines start no pass.
  select: { fieldSelector: 'metadata.name=none' },
  watches: [watch(builtin.Lease, () => [], { fieldSelector: `metadata.name=${name}` })],
  trigger: (add, signal) =>
    new Promise((resolve) => {
      process.stdin.on('data', () => add(name));
      signal.addEventListener('abort', () => {
        process.stdin.destroy();
        resolve();
      });
    }),
  reconcile: async () => done,
  absent: async ({ client, cache }) => {
    lines += 1;
    writeSync(process.stdout.fd, 'thinks\n');
    standStill(500);
    const tenure = `${cache.get(builtin.Lease, name, namespace)?.spec?.leaseTransitions}`;
    // By then it is sent, and the server does it before this process could break it off.
    setImmediate(() => standStill(100));
    await client.patch(builtin.ConfigMap, name, { data: { [`${identity}-${lines}`]: tenure } }, { namespace });
    return done;
  },
});

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const leaderElection = { namespace, name, durationMs: 6000, renewWithinMs: 4000, retryMs: 200 };
await manager({ client, identity, controllers: [journal], leaderElection }).run(stop.signal);
client.close();
