import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@dot-kube/operator';
import { type ContenderName, contenders } from './framework/contender.ts';
import { nowUs, Sample, sample, sampleName } from './framework/sample.ts';
import type { Finished, Order, Settled } from './framework/subject.ts';
import { withApiServer } from './framework/with-api-server.ts';
import { machine, type Machine, type Say, table } from './report.ts';
import { median, quantile, ratio } from './statistics.ts';

/** Passes at a time, of either contender. */
const concurrency = 16;

/** Changes whose way into a pass is timed, one after the other. */
const changes = 300;
const betweenChangesMs = 20;
const creatorsAtOnce = 32;

/** A contender that has not come so far by then never will. */
const giveUpMs = 900_000;

export interface ContenderReport {
  readonly reconcilesPerSecond: number;
  /** What one core could do if the server did not hold it up. */
  readonly reconcilesPerCpuSecond: number;
  /** From before a write is sent until a pass sees it. */
  readonly writeToReconcile: { readonly medianMs: number; readonly p99Ms: number };
  /** List, watch and the first pass, with all objects there. */
  readonly startMs: number;
  readonly heapBytesPerObject: number;
  readonly peakRssMiB: number;
  readonly connectionsMade: number;
  readonly connectionsOpen: number;
}

export interface FrameworkReport {
  readonly benchmark: 'framework';
  readonly machine: Machine;
  readonly objects: number;
  readonly concurrency: number;
  readonly operator: ContenderReport;
  readonly clientNode: ContenderReport;
  /** How many times the operator does better than client-node; below 1 it does worse. */
  readonly timesBetter: {
    readonly reconcilesPerSecond: number;
    readonly reconcilesPerCpuSecond: number;
    readonly writeToReconcileMedian: number;
    readonly writeToReconcileP99: number;
    readonly start: number;
    readonly heapBytesPerObject: number;
    readonly peakRss: number;
    readonly connectionsMade: number;
  };
}

/** Measures one controller, written with the framework and with client-node's informer, against one API server. */
export const framework = (objects: number, say: Say): Promise<FrameworkReport> =>
  withApiServer(say, async (api, client) => {
    say(`creating ${objects} objects`);
    await create(client, objects);
    const reports = {} as Record<ContenderName, ContenderReport>;
    for (const contender of contenders) {
      say(`measuring with ${contender}`);
      reports[contender] = await measure({ contender, api, objects, concurrency }, client);
    }
    const { operator, 'client-node': clientNode } = reports;
    return {
      benchmark: 'framework',
      machine: machine(),
      objects,
      concurrency,
      operator,
      clientNode,
      timesBetter: timesBetter(operator, clientNode),
    };
  });

async function create(client: Client, objects: number): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < objects) await client.create(Sample, sample(next++));
  };
  await Promise.all(Array.from({ length: creatorsAtOnce }, one));
}

async function measure(order: Order, client: Client): Promise<ContenderReport> {
  const program = new URL('framework/subject.ts', import.meta.url).pathname;
  const subject = fork(program, { execArgv: ['--expose-gc'] });
  const signal = AbortSignal.timeout(giveUpMs);
  const ended = once(subject, 'exit', { signal }).then(([code]) => {
    throw new Error(`${order.contender} ended early, with exit code ${String(code)}`);
  });
  const told = async <T>(): Promise<T> => {
    const [news] = (await Promise.race([once(subject, 'message', { signal }), ended])) as [T];
    return news;
  };
  try {
    subject.send(order);
    const settled = await told<Settled>();
    await change(client, order.objects);
    subject.send('finish');
    return reportOf(order.objects, settled, await told<Finished>());
  } finally {
    subject.kill();
  }
}

async function change(client: Client, objects: number): Promise<void> {
  for (let n = 0; n < changes; n += 1) {
    await client.patch(Sample, sampleName((n * 31) % objects), { spec: { sentAtUs: nowUs() } });
    await delay(betweenChangesMs);
  }
  await delay(1000);
}

function reportOf(objects: number, settled: Settled, finished: Finished): ContenderReport {
  const { startMs, writingMs, writingCpuMs, heapBytes } = settled;
  const { latenciesUs, connectionsMade, connectionsOpen, peakRssMiB } = finished;
  if (latenciesUs.length < changes) throw new Error(`only ${latenciesUs.length} of ${changes} changes led to a pass`);
  const oneDecimalMs = (us: number) => Math.round(us / 100) / 10;
  return {
    reconcilesPerSecond: Math.round((objects / writingMs) * 1000),
    reconcilesPerCpuSecond: Math.round((objects / writingCpuMs) * 1000),
    writeToReconcile: {
      medianMs: oneDecimalMs(median(latenciesUs)),
      p99Ms: oneDecimalMs(quantile(latenciesUs, 0.99)),
    },
    startMs: Math.round(startMs),
    heapBytesPerObject: Math.round(heapBytes / objects),
    peakRssMiB,
    connectionsMade,
    connectionsOpen,
  };
}

const timesBetter = (operator: ContenderReport, clientNode: ContenderReport): FrameworkReport['timesBetter'] => ({
  reconcilesPerSecond: ratio(operator.reconcilesPerSecond, clientNode.reconcilesPerSecond),
  reconcilesPerCpuSecond: ratio(operator.reconcilesPerCpuSecond, clientNode.reconcilesPerCpuSecond),
  writeToReconcileMedian: ratio(clientNode.writeToReconcile.medianMs, operator.writeToReconcile.medianMs),
  writeToReconcileP99: ratio(clientNode.writeToReconcile.p99Ms, operator.writeToReconcile.p99Ms),
  start: ratio(clientNode.startMs, operator.startMs),
  heapBytesPerObject: ratio(clientNode.heapBytesPerObject, operator.heapBytesPerObject),
  peakRss: ratio(clientNode.peakRssMiB, operator.peakRssMiB),
  connectionsMade: ratio(clientNode.connectionsMade, operator.connectionsMade),
});

export function tellFramework(report: FrameworkReport): string {
  const { objects, concurrency, operator, clientNode, timesBetter: better } = report;
  const row = (name: string, pick: (report: ContenderReport) => number, times: number | '') => [
    name,
    pick(operator),
    pick(clientNode),
    times,
  ];
  return `One controller over ${objects} objects, ${concurrency} passes at a time\n\n${table([
    ['', '@dot-kube/operator', 'client-node', 'times better'],
    row('reconciles a second', (report) => report.reconcilesPerSecond, better.reconcilesPerSecond),
    row('reconciles a second of CPU', (report) => report.reconcilesPerCpuSecond, better.reconcilesPerCpuSecond),
    row('write to reconcile, median ms', (report) => report.writeToReconcile.medianMs, better.writeToReconcileMedian),
    row('write to reconcile, p99 ms', (report) => report.writeToReconcile.p99Ms, better.writeToReconcileP99),
    row('list and watch until the first pass, ms', (report) => report.startMs, better.start),
    row('heap an object, bytes', (report) => report.heapBytesPerObject, better.heapBytesPerObject),
    row('peak RSS, MiB', (report) => report.peakRssMiB, better.peakRss),
    row('connections made', (report) => report.connectionsMade, better.connectionsMade),
    row('connections open', (report) => report.connectionsOpen, ''),
  ])}`;
}
