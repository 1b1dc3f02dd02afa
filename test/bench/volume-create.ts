import { mib } from '../../src/api/units.ts';
import type { LabNode } from '../lab/index.ts';
import { bareMs, deployWithPool, onBareGroup, onBenchLab } from './bench-lab.ts';
import { machine, type Machine, type Say, table } from './report.ts';
import { ratio, type Spread, spreadOf } from './statistics.ts';
import { volumesOf } from './volumes.ts';

/** One extent: how many volumes there are is what counts. */
const sizeBytes = mib(4);

export interface VolumeCreateReport {
  readonly benchmark: 'volume-create';
  readonly machine: Machine;
  readonly volumeSizeBytes: number;
  readonly runs: readonly {
    readonly concurrent: number;
    /** From the creation of each LocalVolume until it was seen Ready. */
    readonly volumeReady: Spread;
    /** From the common start until each lvcreate had ended. */
    readonly bareLvcreate: Spread;
    readonly medianRatio: number;
    readonly maxRatio: number;
  }[];
}

/** Measures LocalVolume create → Ready beside as many bare `lvcreate`, on one node in one run. */
export const volumeCreate = (concurrent: readonly number[], say: Say): Promise<VolumeCreateReport> =>
  onBenchLab('volume-create', say, async (lab, node) => {
    // Before the product is there: its own looks at the disks would slow the bare commands.
    const bare: Spread[] = [];
    for (const count of concurrent) {
      say(`${count} × bare lvcreate`);
      bare.push(spreadOf(await bareLvcreate(node, count)));
    }
    await deployWithPool(lab, node, say);
    const volumes = volumesOf(lab);
    try {
      const runs: VolumeCreateReport['runs'][number][] = [];
      for (const [index, count] of concurrent.entries()) {
        say(`${count} × LocalVolume`);
        // Those of earlier runs stay: taking them away takes long, and they go with the lab.
        const volumeReady = spreadOf(await volumes.createAtOnce({ node: node.name, count, sizeBytes }));
        const bareLvcreate = bare[index] ?? spreadOf([]);
        runs.push({
          concurrent: count,
          volumeReady,
          bareLvcreate,
          medianRatio: ratio(volumeReady.medianMs, bareLvcreate.medianMs),
          maxRatio: ratio(volumeReady.maxMs, bareLvcreate.maxMs),
        });
      }
      return { benchmark: 'volume-create', machine: machine(), volumeSizeBytes: sizeBytes, runs };
    } finally {
      volumes.close();
    }
  });

const bareLvcreate = (node: LabNode, count: number): Promise<number[]> =>
  onBareGroup(node, async (group) => {
    const program = new URL('bare-lvcreate.ts', import.meta.url).pathname;
    const printed = await node.run([process.execPath, program, group, `${count}`, `${sizeBytes}`], {
      timeoutMs: bareMs,
    });
    return JSON.parse(printed) as number[];
  });

export const tellVolumeCreate = ({ volumeSizeBytes, runs }: VolumeCreateReport): string =>
  `Milliseconds until a volume of ${volumeSizeBytes / mib(1)} MiB is ready for use\n\n${table([
    ['at once', 'LocalVolume median', 'max', 'bare lvcreate median', 'max', 'ratio of medians', 'of maxima'],
    ...runs.map(({ concurrent, volumeReady, bareLvcreate, medianRatio, maxRatio }) => [
      concurrent,
      volumeReady.medianMs,
      volumeReady.maxMs,
      bareLvcreate.medianMs,
      bareLvcreate.maxMs,
      medianRatio,
      maxRatio,
    ]),
  ])}`;
