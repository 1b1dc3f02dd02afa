import type { Tally } from '@dot-kube/operator/testing';
import { machine, type Machine } from '../bench/report.ts';
import { freezeMs } from './disturbances.ts';
import type { Changes } from './driver.ts';
import { growthOf, type Heap } from './heap.ts';
import type { End } from './kept-process.ts';

export interface SoakReport {
  readonly seed: number;
  readonly minutes: number;
  readonly machine: Machine;
  readonly boxes: number;
  /** By those who want boxes. */
  readonly changes: Changes;
  readonly etcdStoodStillSeconds: number;
  /** By the operators, by verb. */
  readonly calls: Tally['calls'];
  readonly faults: Tally['faults'];
  /** Of all calls. */
  readonly shareWithFault: number;
  /** Those that were late but came through left out. */
  readonly shareFailed: number;
  readonly passes: number;
  /** How often processes were started anew, by why they had ended. */
  readonly restarts: Readonly<Record<End, number>>;
  /** How often the lease went to another process. */
  readonly handOvers: number;
  /** From the end of the faults on. */
  readonly secondsToConverge: number;
  /** Of the process that lives throughout. */
  readonly heap: Heap;
  /** None when all came out right. */
  readonly complaints: readonly string[];
}

interface Observed extends Pick<
  SoakReport,
  'seed' | 'minutes' | 'boxes' | 'changes' | 'handOvers' | 'heap' | 'complaints'
> {
  readonly tally: Tally;
  readonly convergedMs: number;
  readonly processes: readonly Ended[];
}

/** A process that was stopped for good. */
interface Ended {
  passes(): number;
  restarts(): Readonly<Record<End, number>>;
  crashes(): readonly string[];
}

export function reportOf({ tally, convergedMs, processes, ...rest }: Observed): SoakReport {
  const calls = sum(Object.values(tally.calls));
  const faults = sum(Object.values(tally.faults));
  const restarts = (end: End) => sum(processes.map((one) => one.restarts()[end]));
  return {
    ...rest,
    machine: machine(),
    etcdStoodStillSeconds: freezeMs(rest.minutes) / 1000,
    calls: tally.calls,
    faults: tally.faults,
    shareWithFault: faults / calls,
    shareFailed: (faults - (tally.faults.latency ?? 0)) / calls,
    passes: sum(processes.map((one) => one.passes())),
    restarts: {
      'lost its lease': restarts('lost its lease'),
      'was killed': restarts('was killed'),
      'was stopped': restarts('was stopped'),
      crashed: restarts('crashed'),
    },
    secondsToConverge: convergedMs / 1000,
    complaints: [...rest.complaints, ...processes.flatMap((one) => one.crashes())],
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** More would hide the first. */
const complaintsTold = 20;
const nameWidth = 32;

export function tellSoak(report: SoakReport): string {
  const { seed, changes, calls, faults, restarts, heap, complaints } = report;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const mebibytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
  const parts = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const figures = {
    seed,
    minutes: report.minutes,
    boxes: report.boxes,
    changes: parts({ ...changes }),
    'etcd stood still for': `${report.etcdStoodStillSeconds} s`,
    calls: parts(calls),
    faults: parts(faults),
    'calls that met a fault': percent(report.shareWithFault),
    'calls that failed': percent(report.shareFailed),
    passes: report.passes,
    restarts: parts(restarts),
    'hand-overs of the lease': report.handOvers,
    'converged after': `${report.secondsToConverge.toFixed(1)} s`,
    'heap after a fifth of the run': mebibytes(heap.atOneFifthBytes),
    'heap at its end': `${mebibytes(heap.atEndBytes)}, ${growthOf(heap).toFixed(3)} times`,
  };
  const lines = Object.entries(figures).map(([name, figure]) => `${name.padEnd(nameWidth)}${figure}`);
  const more = complaints.length > complaintsTold ? [`and ${complaints.length - complaintsTold} more`] : [];
  const end =
    complaints.length === 0
      ? ['All came out as wanted.']
      : [`With seed ${seed} this did not come out as wanted:`, ...complaints.slice(0, complaintsTold), ...more];
  return [...lines, '', ...end].join('\n');
}
