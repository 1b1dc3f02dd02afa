import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, builtin, type Client } from '@dot-kube/operator';
import { type FaultProxy, faultProxy, testCertificate } from '@dot-kube/operator/testing';
import { ensureApiBinaries } from '../../scripts/setup/go-commands.ts';
import type { Say } from '../bench/report.ts';
import type { ControlPlane } from '../lab/control-plane/index.ts';
import { withControlPlane } from '../support/with-control-plane.ts';
import { withBundledOperator } from './bundled-operator.ts';
import { freezeMs, freezeEtcd, restartApiServer } from './disturbances.ts';
import { Driver } from './driver.ts';
import { faults } from './faults.ts';
import { type Heap, heapComplaints } from './heap.ts';
import { KeptProcess } from './kept-process.ts';
import { kindsOf, namespace } from './kinds.ts';
import type { Order } from './messages.ts';
import { reportOf, type SoakReport } from './report.ts';
import { unsettledIn, type World } from './unsettled.ts';
import { differencesOf, versionsOf } from './versions.ts';

const boxesEach = 200;

/** Of the Lease that the pair works under. */
const lease = 'soak';

const pollMs = 500;

/** Who changes boxes does not wait much longer for an API server that is away. */
const callMs = 15_000;

/** So long after the last change calls still fail. */
const lastFaultsMs = 5000;

/** What has not come about by then never will. */
const giveUpMs = 300_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly say: Say;
}

/**
 * Lets operators work on boxes that change all the time, through an API server whose calls fail and which is away at
 * times, and then looks whether all came out right.
 *
 * There are two operators, each of its own boxes. One is a pair of processes with a lease, which now and then lose it,
 * are killed or stopped, and are started anew. The other is one process that goes through all of it from the first
 * moment to the last: its heap is the one that is judged.
 */
export async function soak({ minutes, seed, say }: SoakOptions): Promise<SoakReport> {
  const binaries = await ensureApiBinaries(say);
  say('starting the API server');
  const kinds = ['pair', 'steady'].flatMap((operator) => Object.values(kindsOf(operator)));
  const clientOptions = { userAgent: 'soak', deadlineMs: callMs };
  return withControlPlane({ binaries, kinds, client: clientOptions }, async (controlPlane, client) => {
    const target = { server: controlPlane.server, ca: readFileSync(controlPlane.caPath, 'utf8') };
    const proxy = await faultProxy({ target, certificate: testCertificate, seed });
    try {
      return await withBundledOperator((program) =>
        new Soak({ minutes, seed, say }, { controlPlane, client, proxy, program }).run(),
      );
    } finally {
      proxy.close();
    }
  });
}

interface Around {
  readonly controlPlane: ControlPlane;
  /** Past the proxy. */
  readonly client: Client;
  readonly proxy: FaultProxy;
  /** Path of the bundled operator. */
  readonly program: string;
}

class Soak {
  readonly #options: SoakOptions;
  readonly #around: Around;
  readonly #driver: Driver;
  readonly #pair: readonly KeptProcess[];
  readonly #steady: KeptProcess;

  constructor(options: SoakOptions, around: Around) {
    this.#options = options;
    this.#around = around;
    this.#driver = new Driver(around.client, options.seed, ['pair', 'steady'], boxesEach);
    const token = around.controlPlane.adminToken;
    const order = { server: around.proxy.server, ca: testCertificate.cert, token };
    const member = (name: string) =>
      new KeptProcess(name, around.program, (identity): Order => ({ ...order, identity, operator: 'pair', lease }));
    this.#pair = [member('pair-a'), member('pair-b')];
    this.#steady = new KeptProcess('steady', around.program, (identity): Order => ({
      ...order,
      identity,
      operator: 'steady',
    }));
  }

  async run(): Promise<SoakReport> {
    const { say, minutes, seed } = this.#options;
    const { proxy, client } = this.#around;
    const processes = [...this.#pair, this.#steady];
    say(`seed ${seed}: creating ${boxesEach} boxes for each of two operators`);
    await this.#driver.createAll();
    proxy.order(faults);
    let heap: Heap;
    let unsettled: string[];
    let convergedMs: number;
    try {
      for (const one of processes) one.start();
      heap = await this.#drive();
      say('no more changes; the faults go on a little');
      await delay(lastFaultsMs);
      proxy.order([]);
      say('no more faults');
      const started = performance.now();
      await this.#driver.finish(AbortSignal.timeout(giveUpMs));
      unsettled = await this.#settle();
      convergedMs = performance.now() - started;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const crashes = processes.flatMap((one) => one.crashes());
      throw new Error([`with seed ${seed} it broke off: ${why}`, ...crashes].join('\n'), { cause: error });
    } finally {
      await Promise.all(processes.map((one) => one.stop()));
    }
    const held = await client.get(builtin.Lease, lease, { namespace });
    return reportOf({
      seed,
      minutes,
      boxes: this.#driver.wanted('pair').length + this.#driver.wanted('steady').length,
      changes: this.#driver.changes(),
      tally: proxy.tally(),
      processes,
      handOvers: held?.spec?.leaseTransitions ?? 0,
      heap,
      convergedMs,
      complaints: [...unsettled, ...heapComplaints(heap, minutes)],
    });
  }

  /** Changes boxes for as long as the soak is to last; meanwhile servers and leaders go away and come back. */
  async #drive(): Promise<Heap> {
    const { minutes, say } = this.#options;
    const { controlPlane } = this.#around;
    const started = performance.now();
    const until = (share: number) => delay(Math.max(0, started + share * minutes * 60_000 - performance.now()));
    const enough = new AbortController();
    const story = async (): Promise<Heap> => {
      try {
        await until(0.2);
        const atOneFifthBytes = await this.#heapBytes();
        await until(0.3);
        await this.#signalLeader('SIGKILL');
        await until(0.45);
        say('the API server is killed and started again');
        await restartApiServer(controlPlane);
        await until(0.6);
        say(`etcd stands still for ${freezeMs(minutes) / 1000} s`);
        await freezeEtcd(controlPlane, freezeMs(minutes));
        await until(0.85);
        await this.#signalLeader('SIGTERM');
        await until(1);
        return { atOneFifthBytes, atEndBytes: await this.#heapBytes() };
      } finally {
        enough.abort();
      }
    };
    const [heap] = await Promise.all([story(), this.#driver.run(enough.signal)]);
    return heap;
  }

  async #heapBytes(): Promise<number> {
    const { bytes } = await soon('the heap of the process that lives throughout', () => this.#steady.ask('heap'));
    return bytes;
  }

  async #signalLeader(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { client } = this.#around;
    const leader = await soon('a leader', async () => {
      const held = await client.get(builtin.Lease, lease, { namespace });
      return this.#pair.find(({ identity }) => identity === held?.spec?.holderIdentity);
    });
    this.#options.say(`${leader.identity} leads, and is sent ${signal}`);
    leader.signal(signal);
  }

  /** Waits until all is as wanted. @returns what is not by the time that it never will be */
  async #settle(): Promise<string[]> {
    const endsAt = performance.now() + giveUpMs;
    for (;;) {
      const unsettled = [
        ...(await this.#unsettledOf('pair', this.#pair)),
        ...(await this.#unsettledOf('steady', [this.#steady])),
      ];
      if (unsettled.length === 0 || performance.now() > endsAt) return unsettled;
      await delay(pollMs);
    }
  }

  async #unsettledOf(operator: string, processes: readonly KeptProcess[]): Promise<string[]> {
    const { Box, Part } = kindsOf(operator);
    const { client } = this.#around;
    const boxes = await client.list(Box, { namespace });
    const parts = await client.list(Part, { namespace });
    const world: World = { boxes: boxes.items, parts: parts.items };
    const complaints = unsettledIn(world, this.#driver.wanted(operator));
    if (complaints.length === 0) complaints.push(...(await cacheComplaints(world, processes)));
    return complaints.map((complaint) => `${operator}: ${complaint}`);
  }
}

/** Of the processes of one operator the one that works has caches. */
async function cacheComplaints({ boxes, parts }: World, processes: readonly KeptProcess[]): Promise<string[]> {
  const answers = await Promise.all(processes.map((one) => one.ask('caches')));
  const [caches, another] = answers.map((answer) => answer?.versions).filter((versions) => versions !== undefined);
  if (caches === undefined) return ['none of its processes works'];
  if (another !== undefined) return ['two of its processes work'];
  return differencesOf(caches, versionsOf(boxes, parts));
}

/** @returns what `look` finds, as soon as it does @throws when it never will */
async function soon<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endsAt = performance.now() + giveUpMs;
  for (;;) {
    const found = await look().catch(unlessAway);
    if (found !== undefined) return found;
    if (performance.now() > endsAt) throw new Error(`${what} was waited for in vain for ${giveUpMs / 1000} s`);
    await delay(pollMs);
  }
}

/** @throws what is no failure of a call */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof ApiError)) throw error;
}
