import { mib } from '../../src/api/units.ts';
import type { LabNode } from '../lab/index.ts';
import { memoryOfAgent } from './agent-memory.ts';
import { bareMs, deployWithPool, onBareGroup, onBenchLab } from './bench-lab.ts';
import { claimsOf } from './claims.ts';
import type { ProcessMemory } from './process-memory.ts';
import { machine, type Machine, type Say, table } from './report.ts';
import { type Percentiles, percentilesOf, ratio } from './statistics.ts';

/** Small, but a file system of any kind of pod: how many there are is what counts. */
const sizeBytes = mib(16);

interface Ratios {
  readonly p50: number;
  readonly p99: number;
}

export interface PvcReport {
  readonly benchmark: 'pvc';
  readonly machine: Machine;
  readonly volumeSizeBytes: number;
  readonly runs: readonly {
    readonly concurrent: number;
    /** From the creation of each claim and its pod until the pod was Ready. */
    readonly podReady: Percentiles;
    /** From the creation of each LocalVolume until it was Ready. */
    readonly volumeReady: Percentiles;
    /** From the common start until each lvcreate, mkfs.ext4 and mount had ended. */
    readonly bareMount: Percentiles;
    readonly podRatio: Ratios;
    readonly volumeRatio: Ratios;
  }[];
  /** Of the agent, after the last run. */
  readonly agent: ProcessMemory;
}

/** Measures claim → running pod beside as many bare lvcreate, mkfs and mount, on one node in one run. */
export const pvc = (concurrent: readonly number[], say: Say): Promise<PvcReport> =>
  onBenchLab(
    'pvc',
    say,
    async (lab, node) => {
      // Before the product is there: its own looks at the disks would slow the bare commands.
      const bare: Percentiles[] = [];
      for (const count of concurrent) {
        say(`${count} × bare lvcreate, mkfs.ext4 and mount`);
        bare.push(percentilesOf(await bareMount(node, count)));
      }
      await deployWithPool(lab, node, say);
      const claims = await claimsOf(lab);
      try {
        const runs: PvcReport['runs'][number][] = [];
        for (const [index, count] of concurrent.entries()) {
          say(`${count} × claim and pod`);
          const { podReadyMs, volumeReadyMs } = await claims.createAtOnce(count, sizeBytes);
          const [podReady, volumeReady] = [percentilesOf(podReadyMs), percentilesOf(volumeReadyMs)];
          const base = bare[index] ?? percentilesOf([]);
          runs.push({
            concurrent: count,
            podReady,
            volumeReady,
            bareMount: base,
            podRatio: ratios(podReady, base),
            volumeRatio: ratios(volumeReady, base),
          });
        }
        say('measuring the agent');
        return {
          benchmark: 'pvc',
          machine: machine(),
          volumeSizeBytes: sizeBytes,
          runs,
          agent: await memoryOfAgent(node),
        };
      } finally {
        claims.close();
      }
    },
    { pods: true },
  );

const ratios = (value: Percentiles, base: Percentiles): Ratios => ({
  p50: ratio(value.p50Ms, base.p50Ms),
  p99: ratio(value.p99Ms, base.p99Ms),
});

const bareMount = (node: LabNode, count: number): Promise<number[]> =>
  onBareGroup(node, async (group) => {
    const program = new URL('bare-mount.ts', import.meta.url).pathname;
    const printed = await node.run([process.execPath, program, group, `${count}`, `${sizeBytes}`], {
      timeoutMs: bareMs,
    });
    return JSON.parse(printed) as number[];
  });

export const tellPvc = ({ volumeSizeBytes, runs, agent }: PvcReport): string =>
  `Milliseconds until a claim of ${volumeSizeBytes / mib(1)} MiB has its pod running\n\n${table([
    [
      'at once',
      'pod p50',
      'p99',
      'volume p50',
      'p99',
      'bare p50',
      'p99',
      'pod/bare p50',
      'p99',
      'volume/bare p50',
      'p99',
    ],
    ...runs.map(({ concurrent, podReady, volumeReady, bareMount: base, podRatio, volumeRatio }) => [
      concurrent,
      podReady.p50Ms,
      podReady.p99Ms,
      volumeReady.p50Ms,
      volumeReady.p99Ms,
      base.p50Ms,
      base.p99Ms,
      podRatio.p50,
      podRatio.p99,
      volumeRatio.p50,
      volumeRatio.p99,
    ]),
  ])}\n\nThe agent then has ${agent.rssMiB} MiB (RSS), ${agent.anonymousMiB} MiB of them anonymous.`;
