import { fc, test as property } from '@fast-check/vitest';
import { expect } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks } from './builders.ts';
import { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();
const node = 'node1';
const names = ['sdb', 'sdc', 'sdd', 'sde'] as const;

const someDisks = fc.array(fc.record({ serial: fc.constantFrom(undefined, '') }), {
  minLength: names.length,
  maxLength: names.length,
});
/** By kind, by number, or by path; none orders wiping. */
const someClaims = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 3 }), path: fc.constantFrom(...names) }, { requiredKeys: [] }),
  { minLength: 1, maxLength: 3 },
);
/** What people and machines do to disks meanwhile. Between two of them the agent begins anew, after some seconds at work. */
const someIncidents = fc.array(
  fc.record({
    what: fc.constantFrom('forget', 'reserve', 'unplug', 'plug', 'format', 'claim'),
    name: fc.constantFrom(...names),
    afterMs: fc.constantFrom(0, 1, 200, 4_000, 61_000),
  }),
  { minLength: 1, maxLength: 8 },
);

property.prop([someDisks, someClaims, someIncidents, fc.boolean()], { numRuns: 100 })(
  'whatever befalls disks while claims are at work: none is given to two, and none goes into a pool that was reserved, or formatted by a person, before',
  async (disks, claims, incidents, isPoolHurt) => {
    const plugged = disks.map(({ serial }, index) =>
      disk(names[index] ?? '', gib(1 + index), serial === undefined ? {} : { serial }),
    );
    const cluster = await ModelCluster.of({ [node]: isPoolHurt ? [disk('sdy', gib(1)), disk('sdz', gib(1))] : [] });
    const host = cluster.world.host(node);
    const pooled = async (): Promise<string[]> =>
      (await host.tools.lvm.physicalVolumes(signal)).map(({ device }) => device.replace('/dev/', ''));
    const localDisk = async (name: string): Promise<LocalDisk | undefined> =>
      [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === `/dev/${name}`);
    const work = (forMs: number) => cluster.run({ forMs, settles: false });
    const waiting = [...claims.entries()];
    const claimNext = async (): Promise<void> => {
      const [index, { count, path }] = waiting.shift() ?? [-1, {}];
      if (index < 0) return;
      const description = {
        diskType: 'HDD' as const,
        ...(count === undefined ? {} : { count }),
        ...(path === undefined ? {} : { devicePaths: [`/dev/${path}`] }),
      };
      await cluster.kubectl.create(LocalDiskClaim, {
        metadata: { name: `claim-${index}` },
        spec: { nodeName: node, owner: 'local-storage', description },
      });
    };
    if (isPoolHurt) {
      // Claims wait until a disk of the pool is back, so that more befalls them than in the moment that one takes.
      await claimDisks(cluster.kubectl, node);
      await work(20_000);
      host.unplug('sdz');
      await work(61_000);
    }
    for (const one of plugged) host.addDisk(one);
    await work(5_000);
    await claimNext();

    const reserved = new Set<string>();
    const formatted = new Set<string>();
    const away = new Set<string>();
    for (const { what, name, afterMs } of incidents) {
      await work(afterMs);
      const isPooled = (await pooled()).includes(name);
      const known = await localDisk(name);
      if (what === 'claim') await claimNext();
      if (what === 'unplug' && !away.has(name)) {
        host.unplug(name);
        away.add(name);
      }
      if (what === 'plug' && away.delete(name)) host.plug(name);
      if (what === 'forget' && known !== undefined && !reserved.has(name))
        await cluster.kubectl.delete(LocalDisk, known.metadata.name);
      if (what === 'reserve' && known !== undefined && !isPooled && !away.has(name)) {
        await cluster.kubectl.patch(LocalDisk, known.metadata.name, { spec: { reserved: true } });
        reserved.add(name);
      }
      if (
        what === 'format' &&
        !isPooled &&
        !away.has(name) &&
        (await host.tools.disks.probe(`/dev/${name}`, signal)).blank
      ) {
        host.format(`/dev/${name}`, 'ext4');
        formatted.add(name);
      }
    }
    while (waiting.length > 0) await claimNext();
    for (const name of [...away, ...(isPoolHurt ? ['sdz'] : [])]) host.plug(name);
    await work(20 * 60_000);

    expect((await pooled()).filter((name) => reserved.has(name) || formatted.has(name))).toEqual([]);
    for (const name of formatted)
      expect((await host.tools.disks.probe(`/dev/${name}`, signal)).signatures).toMatchObject([{ type: 'ext4' }]);
    const made = [...(await cluster.objects(LocalDiskClaim)).values()];
    const handedOut = made.flatMap(({ spec }) => (spec.diskRefs ?? []).map(({ name }) => name));
    expect(new Set(handedOut).size).toBe(handedOut.length);
    for (const { spec, status } of made) {
      if (status?.status !== 'Consumed') {
        expect(status?.message).toMatch(/.{20}/);
        continue;
      }
      expect(spec.diskRefs?.length).toBeGreaterThan(0);
    }
  },
);
