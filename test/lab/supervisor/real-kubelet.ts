import { setTimeout as delay } from 'node:timers/promises';
import type { PodsConfig } from '../config.ts';
import type { ExecStatus, KubeletConfig, ProgramSpec, ProgramStatus } from '../guest/requests.ts';
import { podPrograms, writeKubeletFiles } from './pods.ts';
import type { UmlNode } from './uml-node.ts';

const containerdMs = 120_000;

/** Starts kubelet and what it needs, those of them that a boot has not started again by itself. */
export async function startRealKubelet(node: UmlNode, pods: PodsConfig, settings: KubeletConfig): Promise<void> {
  writeKubeletFiles(node.paths.share, settings);
  const programs = podPrograms(node.spec, pods);
  const running = (await node.ask<ProgramStatus[]>({ op: 'programs' })).filter((program) => program.running);
  const ensure = async (program: ProgramSpec): Promise<void> => {
    if (!running.some(({ name }) => name === program.name)) await node.startProgram(program);
  };
  await ensure(programs.containerd);
  await importImages(node, programs.importImages);
  await ensure(programs.kubelet);
  await ensure(programs.kubeProxy);
}

/** Tries until containerd serves. What is there already costs little. */
async function importImages(node: UmlNode, argv: readonly string[]): Promise<void> {
  const deadline = performance.now() + containerdMs;
  for (;;) {
    const { exitCode } = await node.ask<ExecStatus>({ op: 'exec', argv });
    // containerd doesn't sync what it unpacks: a power loss soon after would leave images of empty files.
    if (exitCode === 0)
      return void (await node.ask({ op: 'exec', argv: ['sync', '--file-system', '/var/lib/containerd'] }));
    if (performance.now() > deadline)
      throw new Error(`the images could not be brought into containerd; see ${node.paths.logs}/containerd.log`);
    await delay(500);
  }
}
