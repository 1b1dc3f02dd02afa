import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mib } from '../../src/api/units.ts';
import type { LabNode } from '../lab/index.ts';
import { bundleFolder, programNames } from '../lab/product.ts';
import { deployWithPool, onBenchLab } from './bench-lab.ts';
import { oneDecimal, parseProcessMemory, type ProcessMemory } from './process-memory.ts';
import { machine, type Machine, type Say, table } from './report.ts';
import { median } from './statistics.ts';
import { volumesOf } from './volumes.ts';

/** Memory goes up and down with the passes; this is long enough for each resync to come by. */
const samples = 12;
const sampleMs = 5_000;

export interface AgentMemoryReport {
  readonly benchmark: 'agent-memory';
  readonly machine: Machine;
  readonly bundleBytes: number;
  readonly idle: ProcessMemory;
  readonly withVolumes: ProcessMemory;
  readonly volumes: number;
}

/** Measures the bundled agent of one node, with nothing to look after but its disks, then with volumes. */
export const agentMemory = (count: number, say: Say): Promise<AgentMemoryReport> =>
  onBenchLab('agent-memory', say, async (lab, node) => {
    await deployWithPool(lab, node, say);
    const { size: bundleBytes } = await stat(join(bundleFolder(lab), 'agent.mjs'));
    const volumes = volumesOf(lab);
    try {
      say('measuring the idle agent');
      const idle = await memoryOfAgent(node);
      say(`creating ${count} volumes`);
      await volumes.createAtOnce({ node: node.name, count, sizeBytes: mib(4) });
      say(`measuring the agent with ${count} volumes`);
      const withVolumes = await memoryOfAgent(node);
      return { benchmark: 'agent-memory', machine: machine(), bundleBytes, idle, withVolumes, volumes: count };
    } finally {
      volumes.close();
    }
  });

/** The median of a minute. */
export async function memoryOfAgent(node: LabNode): Promise<ProcessMemory> {
  const seen: ProcessMemory[] = [];
  while (seen.length < samples) {
    await delay(sampleMs);
    seen.push(await memoryOf(node, programNames.agent));
  }
  const middle = (pick: (memory: ProcessMemory) => number): number => oneDecimal(median(seen.map(pick)));
  return {
    rssMiB: middle(({ rssMiB }) => rssMiB),
    peakRssMiB: middle(({ peakRssMiB }) => peakRssMiB),
    anonymousMiB: middle(({ anonymousMiB }) => anonymousMiB),
    ...(seen.every(({ privateMiB }) => privateMiB !== undefined) && {
      privateMiB: middle(({ privateMiB = NaN }) => privateMiB),
    }),
  };
}

async function memoryOf(node: LabNode, program: string): Promise<ProcessMemory> {
  const pid = (await node.programs()).find(({ name }) => name === program)?.pid;
  if (pid === undefined) throw new Error(`${program} does not run on ${node.name}; its log is in ${node.paths.logs}`);
  const status = await node.run(['cat', `/proc/${pid}/status`]);
  const rollup = await node.exec(['cat', `/proc/${pid}/smaps_rollup`]);
  return parseProcessMemory(status, rollup.exitCode === 0 ? rollup.stdout : '');
}

export const tellAgentMemory = ({ bundleBytes, idle, withVolumes, volumes }: AgentMemoryReport): string =>
  `Memory of the agent in MiB; its bundle has ${Math.round(bundleBytes / 1024)} KiB\n\n${table([
    ['', 'RSS', 'peak RSS', 'anonymous', 'private'],
    ...[
      { name: 'idle', memory: idle },
      { name: `with ${volumes} volumes`, memory: withVolumes },
    ].map(({ name, memory: { rssMiB, peakRssMiB, anonymousMiB, privateMiB = 'unknown' } }) => [
      name,
      rssMiB,
      peakRssMiB,
      anonymousMiB,
      privateMiB,
    ]),
  ])}`;
