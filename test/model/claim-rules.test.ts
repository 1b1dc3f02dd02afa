import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { LocalDiskClaim, type LocalDiskClaimSpec } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { poolClasses } from '../../src/api/names.ts';
import { gib, mib } from '../../src/api/units.ts';
import { type DiskSpec, type PartitionSpec } from '../sim/host/index.ts';
import type { Interceptor } from '@dot-kube/operator/testing';
import { ModelCluster } from './cluster.ts';

const { signal } = new AbortController();
const node = 'node1';

const somePartitions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<PartitionSpec>({}) },
    fc.constantFrom<PartitionSpec>(
      { type: 'lvm' },
      { type: 'biosBoot' },
      { signature: 'ext4' },
      { signature: 'LVM2_member' },
      { mountPoint: '/part' },
      { sizeBytes: mib(8) },
    ),
  ),
  { minLength: 1, maxLength: 2 },
);
/** Flaws of a disk that its partitions have, too. */
const flaws = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constantFrom<Partial<DiskSpec>>(
    { unreadable: true },
    { readOnly: true },
    { removable: true },
    { transport: 'iscsi' },
  ),
);

/** A disk of any kind, mostly blank: what is wrong with one is wrong with it alone. */
const oddity = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  fc.record({ signature: fc.constantFrom('ext4', 'gpt', 'LVM2_member', 'crypto_LUKS', 'ceph_bluestore') }),
  {
    weight: 3,
    arbitrary: fc
      .tuple(somePartitions, flaws)
      .map(([partitions, flaws]): Partial<DiskSpec> => ({ partitions, ...flaws })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Partial<DiskSpec>>(
      { mountPoint: '/data' },
      { mountPoint: '[SWAP]' },
      { heldBy: 'crypt' },
      { heldBy: 'raid1' },
      { heldBy: 'mpath' },
      { unreadable: true },
      { unsure: true },
      { readOnly: true },
      { removable: true },
      { transport: 'iscsi' },
      { sizeBytes: mib(8) },
    ),
  },
);
const serial = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom('twin', 'other-twin'));
const someDisks = fc
  .array(
    fc.record({
      sizeBytes: fc.constantFrom(gib(1), gib(2), gib(4)),
      rotational: fc.boolean(),
      transport: fc.constantFrom('sata', 'nvme'),
      serial,
      odd: oddity,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((disks) =>
    disks.map(({ odd, serial, ...disk }, index): DiskSpec => {
      const named = serial === undefined ? {} : { serial };
      return { kernelName: `sd${'bcdefg'[index]}`, ...disk, ...named, ...odd };
    }),
  );

/** Which disks and partitions a claim names, by their number; 99 is none of the node. */
const numbers = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5, 99), { minLength: 1, maxLength: 3 });
const wishes = {
  diskType: fc.constantFrom(...poolClasses),
  capacity: fc.constantFrom(mib(500), gib(2), gib(4)),
  names: numbers,
  paths: numbers,
  wipe: fc.boolean(),
};
/** Many wishes at once are seldom met; most people have one. */
const someWishes = fc.oneof(
  fc.constant({}),
  fc.record({ diskType: wishes.diskType }),
  fc.record({ names: wishes.names, wipe: wishes.wipe }),
  fc.record({ paths: wishes.paths, wipe: wishes.wipe }),
  fc.record(wishes, { requiredKeys: [] }),
);
const someClaims = fc.array(someWishes, { minLength: 1, maxLength: 3 });
const reservations = fc.uniqueArray(fc.nat(5), { maxLength: 2 });

/** Something that becomes a LocalDisk: a disk, or a partition of it. */
interface Thing {
  readonly path: string;
  readonly disk: DiskSpec;
  readonly part: PartitionSpec | undefined;
  readonly sizeBytes: number;
}

const thingsOf = (disks: readonly DiskSpec[]): Thing[] =>
  disks.flatMap((disk) => {
    const { kernelName, sizeBytes, partitions = [] } = disk;
    const path = `/dev/${kernelName}`;
    const share = Math.floor(sizeBytes / partitions.length) - mib(1);
    const parts = partitions.map((part, index): Thing => {
      return { path: `${path}${index + 1}`, disk, part, sizeBytes: part.sizeBytes ?? share };
    });
    return [{ path, disk, part: undefined, sizeBytes }, ...parts];
  });

/** Whether one may be had by anyone: written apart from the code that it judges. */
function mayBeHad({ disk, part, sizeBytes }: Thing, all: readonly DiskSpec[]): boolean {
  const twinsOf = all.filter(({ serial }) => serial !== undefined && serial === disk.serial);
  if (part !== undefined) {
    const isForStorage = part.type === undefined || part.type === 'lvm';
    const ofDisk = [disk.unreadable, disk.readOnly, disk.removable, part.signature, part.mountPoint];
    const isSound = ofDisk.every((flaw) => flaw === undefined) && disk.transport !== 'iscsi';
    return isForStorage && isSound && sizeBytes >= mib(64) && twinsOf.length < 2;
  }
  const { signature, mountPoint, partitions, heldBy, unreadable, unsure, readOnly, removable, transport } = disk;
  const flaws = [signature, mountPoint, partitions, heldBy, unreadable, unsure, readOnly, removable];
  return (
    flaws.every((flaw) => flaw === undefined) && transport !== 'iscsi' && sizeBytes >= mib(64) && twinsOf.length < 2
  );
}

/** Whether nothing but its content speaks against one. A label of LVM that lvm itself does not know is somebody's. */
function mayBeWiped({ disk, part, sizeBytes }: Thing, all: readonly DiskSpec[]): boolean {
  const things = part === undefined ? [disk, ...(disk.partitions ?? [])] : [part];
  if (things.some(({ signature, mountPoint }) => signature === 'LVM2_member' || mountPoint !== undefined)) return false;
  const { signature: _signature, partitions: _partitions, unsure: _unsure, ...bare } = disk;
  const others = all.map((other) => (other === disk ? bare : other));
  const clean = part && { ...part };
  delete clean?.signature;
  return mayBeHad({ path: '', disk: bare, part: clean, sizeBytes }, others);
}

const typeOf = ({ disk: { transport, rotational } }: Thing): string =>
  transport === 'nvme' ? 'NVMe' : rotational === true ? 'HDD' : 'SSD';

interface Case {
  readonly disks: readonly DiskSpec[];
  readonly reserved: readonly number[];
  /** Mounted by a person in the moment in which a claim takes them. */
  readonly mountedLate?: readonly number[];
  readonly wishes: readonly {
    diskType?: (typeof poolClasses)[number];
    capacity?: number;
    names?: number[];
    paths?: number[];
    wipe?: boolean;
  }[];
}

/** Lets a node find its disks, then gives it claims, all at once. */
async function served({ disks, reserved, wishes, mountedLate = [] }: Case) {
  const cluster = await ModelCluster.of({ [node]: disks });
  await cluster.run();
  const found = new Map([...(await cluster.objects(LocalDisk)).values()].map((disk) => [disk.spec.devicePath, disk]));
  const things = thingsOf(disks);
  const named = (number: number): string => found.get(things[number]?.path)?.metadata.name ?? `localdisk-${number}`;
  for (const number of reserved.filter((number) => number < things.length))
    await cluster.kubectl.patch(LocalDisk, named(number), { spec: { reserved: true } });
  for (const [index, { names, paths, wipe, ...plain }] of wishes.entries()) {
    const description: NonNullable<LocalDiskClaimSpec['description']> = {
      ...plain,
      ...(names === undefined ? {} : { localDiskNames: names.map(named) }),
      ...(paths === undefined
        ? {}
        : { devicePaths: paths.map((number) => things[number]?.path ?? `/dev/sdz${number}`) }),
    };
    await cluster.kubectl.create(LocalDiskClaim, {
      metadata: { name: `claim-${index}` },
      spec: { nodeName: node, description, ...(wipe === undefined ? {} : { wipe }) },
    });
  }
  const before = cluster.world.host(node).describe().disks;
  const everTaken: { path: string; claim: string }[] = [];
  const intercept: Interceptor = async (write, act) => {
    const result = await act();
    if (write.resource !== 'localdisks.hwameistor.io') return result;
    const { devicePath = '', claimRef } = (await cluster.kubectl.get(LocalDisk, write.name))?.spec ?? {};
    if (claimRef?.name === undefined) return result;
    const isRobbery = everTaken.some(({ path, claim }) => path === devicePath && claim !== claimRef.name);
    everTaken.push({ path: devicePath, claim: claimRef.name });
    // Else the two would take it from each other for ever.
    if (isRobbery) throw new Error(`two claims took ${devicePath}`);
    const number = things.findIndex(({ path }) => path === devicePath);
    if (mountedLate.includes(number))
      cluster.world.host(node).changeDisk(devicePath.replace('/dev/', ''), { mountPoint: '/late' });
    return result;
  };
  await cluster.run({ forMs: 60_000, intercept });
  const physical = await cluster.world.host(node).tools.lvm.physicalVolumes(signal);
  return {
    found: [...(await cluster.objects(LocalDisk)).values()],
    claims: [...(await cluster.objects(LocalDiskClaim)).values()],
    everTaken,
    pooled: physical.map(({ device }) => device),
    before,
    after: cluster.world.host(node).describe().disks,
  };
}

describe('whatever disks a node has, and whatever is claimed of them', () => {
  property.prop([fc.record({ disks: someDisks, reserved: reservations, wishes: someClaims })], { numRuns: 300 })(
    'only free disks are given away, each once, none is wiped but for a claim that names it and says so, and who gets none is told why of every disk',
    async (given) => {
      const { found: all, claims, pooled, everTaken, before, after } = await served(given);
      const { disks, reserved } = given;
      // A disk that was wiped has no partitions any more.
      const isGone = ({ part, disk }: Thing): boolean =>
        part !== undefined && pooled.includes(`/dev/${disk.kernelName}`);
      const numbered = thingsOf(disks);
      const things = numbered.filter((thing) => !isGone(thing));
      const found = all.filter(({ spec }) => spec.state === 'Active');
      const byPath = new Map(things.map((thing) => [thing.path, thing]));

      expect(new Set(found.map(({ spec }) => spec.devicePath))).toEqual(new Set(byPath.keys()));
      expect(found).toHaveLength(things.length);
      const unreserved = things.filter((thing) => !reserved.includes(numbered.indexOf(thing)));
      const free = unreserved.filter((thing) => mayBeHad(thing, disks)).map(({ path }) => path);
      const isKept = (thing: Thing): boolean =>
        everTaken.some(({ path }) => path === thing.path) || reserved.includes(numbered.indexOf(thing));
      const isPartTaken = ({ disk, part }: Thing): boolean =>
        part === undefined &&
        numbered.some((other) => other.part !== undefined && other.disk === disk && isKept(other));
      const dirty = unreserved
        .filter((thing) => !mayBeHad(thing, disks) && mayBeWiped(thing, disks) && !isPartTaken(thing))
        .map(({ path }) => path);
      /** May a claim have a disk, whatever it is otherwise. */
      const isFor = ({ spec }: LocalDiskClaim, disk: LocalDisk): boolean => {
        const { devicePath = '' } = disk.spec;
        const { localDiskNames = [], devicePaths = [] } = spec.description ?? {};
        const names = ({ metadata, spec }: LocalDisk): boolean =>
          localDiskNames.includes(metadata.name) || devicePaths.includes(spec.devicePath ?? '');
        // Who asks for a partition does not want its disk wiped.
        const isPart = (other: LocalDisk): boolean =>
          other !== disk && other.spec.devicePath?.startsWith(devicePath) === true;
        const isToBeWiped = spec.wipe === true && names(disk) && !all.some((other) => isPart(other) && names(other));
        return free.includes(devicePath) || (isToBeWiped && dirty.includes(devicePath));
      };
      const taken = found.filter(({ spec }) => spec.claimRef !== undefined);
      for (const path of [...pooled, ...everTaken.map(({ path }) => path)]) {
        const disk = found.find(({ spec }) => spec.devicePath === path);
        expect(disk && claims.some((claim) => isFor(claim, disk)), path).toBe(true);
      }
      const gone = numbered.filter(isGone).map(({ path }) => path);
      const untouched = Object.keys(before).filter((name) => ![...pooled, ...gone].includes(`/dev/${name}`));
      for (const name of untouched) expect(after[name], name).toBe(before[name]);
      expect(new Set(everTaken.map(({ path, claim }) => `${path} ${claim}`)).size).toBe(taken.length);

      const pathsTaken = everTaken.map(({ path }) => path);
      const both = numbered.filter(
        ({ path, disk, part }) =>
          part !== undefined && pathsTaken.includes(path) && pathsTaken.includes(`/dev/${disk.kernelName}`),
      );
      expect(both).toEqual([]);

      const handedOut = claims.flatMap(({ spec }) => (spec.diskRefs ?? []).map(({ name }) => name));
      expect(new Set(handedOut).size).toBe(handedOut.length);

      for (const claim of claims) {
        const { description = {}, diskRefs = [] } = claim.spec;
        const fits = (disk: LocalDisk): boolean => {
          const real = byPath.get(disk.spec.devicePath ?? '');
          return (
            real !== undefined &&
            (real.part === undefined ||
              description.localDiskNames !== undefined ||
              description.devicePaths !== undefined) &&
            (description.diskType === undefined || description.diskType === typeOf(real)) &&
            real.sizeBytes >= (description.capacity ?? 0) &&
            (description.localDiskNames?.includes(disk.metadata.name) ?? true) &&
            (description.devicePaths?.includes(real.path) ?? true)
          );
        };
        const own = found.filter(({ spec }) => spec.claimRef?.name === claim.metadata.name);
        expect(new Set(own.map(({ metadata }) => metadata.name))).toEqual(new Set(diskRefs.map(({ name }) => name)));
        expect(own.filter((disk) => !fits(disk) || !isFor(claim, disk))).toEqual([]);
        const left = found.filter((disk) => fits(disk) && isFor(claim, disk) && disk.spec.claimRef === undefined);
        expect(left).toEqual([]);
        if (own.length > 0) {
          expect(claim.status?.status).toBe('Consumed');
          continue;
        }
        const { status, message = '' } = claim.status ?? {};
        expect(status).toBe('Pending');
        for (const { metadata, spec } of found)
          expect(message.split('\n')).toContainEqual(
            expect.stringMatching(`^${spec.devicePath}: ${metadata.name} .{8}`),
          );
      }
    },
  );

  property.prop(
    [fc.record({ disks: someDisks, reserved: reservations, wishes: someClaims, mountedLate: reservations })],
    {
      numRuns: 50,
    },
  )('a disk that is mounted right after a claim took it goes into no pool, and the claim says why', async (given) => {
    const { claims, pooled } = await served(given);
    const { disks, mountedLate } = given;
    const lost = thingsOf(disks)
      .filter((_thing, index) => mountedLate.includes(index))
      .map(({ path }) => path);
    for (const path of pooled) expect(lost).not.toContain(path);
    for (const { status } of claims.filter(({ status }) => status?.status === 'Extending'))
      expect(status?.message).toMatch(/mounted on \/late/i);
  });
});
