import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtin, type ConfigMap, kubernetesClient, type KubernetesClient } from '@dot-kube/operator';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import type { LeaderArguments } from './harness/leader.ts';

const { server, caPath, adminToken: token } = inject('apiServer');
const namespace = 'default';
const leader = fileURLToPath(new URL('harness/leader.ts', import.meta.url));
const soon = { timeout: 20_000, interval: 10 };

let client: KubernetesClient;

beforeAll(() => {
  client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token });
});

afterAll(() => client.close());

/** A process that wants to lead; killed with the test if it has not ended by then. */
function start(name: string, identity: string) {
  const args: LeaderArguments = { server, caPath, token, identity, name };
  const child: ChildProcess = spawn(process.execPath, [leader, JSON.stringify(args)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, told }));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    exited,
    /** Once it leads, and once for each call. */
    writeLine: () => child.stdin!.write('.'),
    thinks: () => once(child.stdout!, 'data'),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    state: () => stateOf(child.pid!),
  };
}

/** @returns `T` for a process that is stopped; see proc_pid_stat(5) */
const stateOf = (pid: number) => /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

interface Line {
  readonly identity: string;
  readonly tenure: string;
  /** Of the journal, once it had this line. */
  readonly version: number;
}

/** The lines of a journal in the order in which the server took them. */
async function journalOf(name: string): Promise<Line[]> {
  const made = await client.create(builtin.ConfigMap, { metadata: { name, namespace } });
  const lines = new Map<string, Line>();
  const take = ({ data = {}, metadata }: ConfigMap) => {
    for (const [key, tenure] of Object.entries(data)) {
      const [identity = ''] = key.split('-');
      if (!lines.has(key)) list.push({ identity, tenure, version: Number(metadata.resourceVersion) });
      lines.set(key, list.at(-1)!);
    }
  };
  const list: Line[] = [];
  const ended = new AbortController();
  const watching = (async () => {
    const resourceVersion = made.metadata.resourceVersion!;
    const options = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion, signal: ended.signal };
    for await (const event of client.watch(builtin.ConfigMap, options))
      if (event.type === 'MODIFIED') take(event.object);
  })();
  onTestFinished(async () => {
    ended.abort();
    await watching;
  });
  return list;
}

test('a leader that was stopped past its lease writes nothing after its successor, and exits', async () => {
  const journal = await journalOf('frozen');
  const linesAre = (lines: string[]) =>
    vi.waitFor(() => expect(journal.map(({ identity, tenure }) => `${identity} ${tenure}`)).toEqual(lines), soon);
  const first = start('frozen', 'first');
  first.writeLine();
  await first.thinks();
  await linesAre(['first 0']);
  const second = start('frozen', 'second');
  second.writeLine();
  first.writeLine();
  await first.thinks();
  first.kill('SIGSTOP');
  await vi.waitFor(() => expect(first.state()).toBe('T'), soon);
  await linesAre(['first 0', 'second 1']);
  first.kill('SIGCONT');

  const { code, told } = await first.exited;
  expect(told).toContain('LeadershipLost: lease default/frozen ');
  expect(code).toBe(1);
  second.writeLine();
  await linesAre(['first 0', 'second 1', 'second 1']);
  const [last, next] = journal;
  expect(last!.version).toBeLessThan(next!.version);
});

test('a leader that is told to stop gives up its lease, and the next need not wait for it to run out', async () => {
  const journal = await journalOf('stopped');
  const first = start('stopped', 'first');
  first.writeLine();
  await vi.waitFor(() => expect(journal).toMatchObject([{ identity: 'first' }]), soon);
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, told: '' });
  const lease = await client.get(builtin.Lease, 'stopped', { namespace });
  expect(lease?.spec?.holderIdentity ?? '').toBe('');

  const second = start('stopped', 'second');
  second.writeLine();
  await vi.waitFor(() => expect(journal).toMatchObject([{ identity: 'first' }, { identity: 'second' }]), soon);
  second.kill('SIGTERM');
  expect(await second.exited).toEqual({ code: 0, told: '' });
});
