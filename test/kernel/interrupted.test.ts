import { setTimeout } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { identityOf, signal } from '../contract/bench.ts';
import { isCommandError } from '../../src/node/errors.ts';
import type { HostTools } from '../../src/node/tools.ts';
import type { VolumeGroup } from '../../src/api/observed/index.ts';
import { describeOnLab } from './harness/lab.ts';
import { contractHost, toolsOf, wipeNode } from './harness/nodes.ts';

const mib = 1024 ** 2;
const tags = ['hwameistor.io/cluster=c1', 'hwameistor.io/volume=v1'] as const;

describeOnLab('a node’s lvm under executors that die', (lab) => {
  const node = lab.node('node1');
  let volumeGroup: VolumeGroup;

  beforeEach(async () => {
    await wipeNode(lab, node.name);
    const host = contractHost(node, '10.77.0.11');
    const device = await identityOf(host, host.disks[0]);
    volumeGroup = await host.tools.lvm.createVolumeGroup({ name: 'pool', device, tags: [tags[0]] }, signal);
  });

  const create = ({ lvm }: HostTools, name: string, until = signal) =>
    lvm.createLogicalVolume({ volumeGroup, name, sizeBytes: 8 * mib, tags }, until);
  const remove = async ({ lvm }: HostTools, name: string, until = signal): Promise<void> => {
    const volume = (await lvm.logicalVolumes(until)).find((volume) => volume.name === name);
    if (volume !== undefined)
      await lvm.removeLogicalVolume({ volumeGroup, name, uuid: volume.uuid, requireTags: tags }, until);
  };
  const names = async (): Promise<string[]> => (await toolsOf(node).lvm.logicalVolumes(signal)).map(({ name }) => name);
  /** Devices of device-mapper, also those that no volume stands for. */
  const devices = async (): Promise<string> =>
    (await node.run(['dmsetup', 'info', '-c', '--noheadings', '-o', 'name'])).trim();

  /** As an agent goes about it: what a command of the killed one still holds is refused, and tried again later. */
  async function untilLetGo(work: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const refusal = await work().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal === undefined) return;
      if (!isCommandError(refusal, 'DEVICE_IN_USE')) throw refusal;
      await setTimeout(2_000);
    }
    await work();
  }

  test('two processes that create one volume at the same time both succeed with the same one', async () => {
    const [one, two] = await Promise.all([create(toolsOf(node), 'pvc-1'), create(toolsOf(node), 'pvc-1')]);
    expect(one).toEqual(two);
    expect(await names()).toEqual(['pvc-1']);
  });

  test('fifty kills at all moments of creating and removing leave exactly what the next process wants', async () => {
    const kills = 25;
    const longestMs = 1500;
    for (let kill = 0; kill < kills; kill++) {
      for (const [work, wanted] of [
        [create, ['pvc-1']],
        [remove, []],
      ] as const) {
        // The exec service kills the command's whole process group with SIGKILL when its caller hangs up.
        const dying = AbortSignal.timeout((kill * longestMs) / kills);
        await Promise.allSettled([work(toolsOf(node), 'pvc-1', dying)]);
        await untilLetGo(() => work(toolsOf(node), 'pvc-1'));
        expect(await names(), `after kill ${kill}`).toEqual(wanted);
      }
    }
    expect(await devices()).toBe('No devices found');
    expect(await toolsOf(node).lvm.volumeGroups(signal)).toEqual([volumeGroup]);
    await node.run(['vgck', 'pool']);
  }, 900_000);

  test('a power cut in a storm of creates and removes leaves a consistent group, and what is wanted comes true', async () => {
    const storm = new AbortController();
    const wanted = Array.from({ length: 6 }, (_, index) => `pvc-${index}`);
    const tools = toolsOf(node);
    const blow = async (name: string): Promise<void> => {
      for (;;) {
        await create(tools, name, storm.signal);
        await remove(tools, name, storm.signal);
      }
    };
    const blown = Promise.allSettled(wanted.map((name) => blow(name)));
    // The storm has begun once a volume was seen; from then on any moment is as good as another.
    while ((await names()).length === 0);
    await node.kill();
    storm.abort();
    await blown;

    await node.boot();
    await toolsOf(node).lvm.activateVolumeGroup(volumeGroup, signal);
    await node.run(['vgck', 'pool']);
    for (const name of wanted) await create(toolsOf(node), name);
    expect(await names()).toEqual(wanted);
    for (const name of wanted) await remove(toolsOf(node), name);
    expect(await toolsOf(node).lvm.volumeGroups(signal)).toEqual([volumeGroup]);
    expect(await devices()).toBe('No devices found');
  });
});
