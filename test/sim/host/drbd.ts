import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  describes,
  type DrbdDisk,
  type DrbdModule,
  type DrbdPair,
  type DrbdResource,
  type DrbdResourceFile,
} from '../../../src/api/observed/index.ts';
import { checkResourceName } from '../../../src/node/drbd/resource-file.ts';
import type { DrbdTools } from '../../../src/node/tools.ts';
import { freshMetadata, type ReplicationMetadata } from './content.ts';
import { type Machine, refuse } from './machine.ts';
import { metadataOf, type Replication } from './replication.ts';
import { type Running, sizeOf, type SimulatedVolume } from './state.ts';

export const filePath = (name: string): string => `/etc/drbd.d/hwameistor-${name}.res`;

/** DRBD 8.4 as one simulated host has it. */
export function simulatedDrbdTools(machine: Machine, replication: Replication): DrbdTools {
  const files = machine.persistent.resourceFiles;

  const shownFiles = (): DrbdResourceFile[] =>
    [...files]
      .map(([path, { ours, pair }]) => ({
        path,
        name: pair.name,
        ours,
        tags: ours ? pair.tags : [],
        minors: [pair.minor],
        ports: [pair.port],
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  const isOurs = (side: Running): boolean => shownFiles().some((file) => describes(file, seen(side)));
  const runningOurs = (name: string, command: string): Running | undefined => {
    const side = machine.kernel.running.get(name);
    if (side !== undefined && !isOurs(side)) refuse('DRBD_RESOURCE_NOT_OURS', command);
    return side;
  };
  const runningMeant = (name: string, command: string): Running =>
    runningOurs(name, command) ?? refuse('DRBD_UNKNOWN_RESOURCE', command);
  const activeVolume = (path: string, command: string): SimulatedVolume => {
    const found = machine.volumeAt(path);
    return found !== undefined && machine.kernel.active.has(found.volume.uuid)
      ? found.volume
      : refuse('DEVICE_NOT_FOUND', command, path);
  };
  const attachedTo = (volume: SimulatedVolume): boolean =>
    [...machine.kernel.running.values()].some(({ metadata }) => metadata === volume);
  const openOn = ({ pair }: Running, command: string): void => {
    const path = `/dev/drbd${pair.minor}`;
    const opener = machine.kernel.openers.get(path) ?? machine.mountOf(path);
    if (opener !== undefined) refuse('DEVICE_IN_USE', command, opener);
  };
  /** Leaving is the peer's business where the peer needs our data, or must know us outdated. */
  const leave = (side: Running, command: string): void => {
    const peer = replication.peerOf(side);
    if (peer?.role !== 'Primary') return;
    if (peer.disk !== 'UpToDate') refuse('DRBD_REFUSED_BY_PEER', command);
    if (side.pair.fencing === 'dont-care') return;
    side.disk = 'Outdated';
    metadataOf(side).wasUpToDate = false;
  };

  const seen = (side: Running): DrbdResource => {
    const peer = replication.peerOf(side);
    const sync = replication.syncOf(side);
    return {
      name: side.pair.name,
      minor: side.pair.minor,
      role: side.role,
      peerRole: peer?.role ?? 'Unknown',
      connection: side.connection,
      replication: replicationWord(side, peer, sync?.source),
      disk: side.disk,
      peerDisk: side.peerDisk,
      outOfSyncBytes: Math.ceil((sync?.remainingBytes ?? metadataOf(side).outOfSyncBytes) / 1024) * 1024,
      suspended: side.suspended,
      sizeBytes: sizeOf(side.data),
    };
  };

  const attach = async (pair: DrbdPair, command: string): Promise<void> => {
    const leg = pair.legs.find(({ node }) => node === machine.name) ?? refuse('DRBD_BAD_CONFIG', command);
    const data = activeVolume(leg.disk, command);
    const metadata = activeVolume(leg.metadata, command);
    const opener = machine.kernel.openers.get(leg.disk) ?? machine.mountOf(leg.disk);
    if (opener !== undefined) refuse('DEVICE_IN_USE', command, opener);
    const { drbd } = metadata.content;
    if (drbd === undefined) return refuse('DRBD_NO_METADATA', command);
    const others = [...machine.kernel.running.values()].map(({ pair }) => pair);
    if (others.some(({ minor, port }) => minor === pair.minor || port === pair.port))
      refuse('DRBD_ADDRESS_IN_USE', command);
    await machine.step('attach', pair.name, () => {
      machine.kernel.running.set(pair.name, {
        host: machine.name,
        pair,
        data,
        metadata,
        role: 'Secondary',
        disk: diskAfterAttach(drbd, pair.fencing),
        connection: 'StandAlone',
        peerDisk: drbd.peerOutdated ? 'Outdated' : 'DUnknown',
        suspended: false,
      });
    });
  };

  const module = (signal: AbortSignal): Promise<DrbdModule> =>
    machine.call(signal, () =>
      machine.drbdVersion === undefined ? { loaded: false } : { loaded: true, version: machine.drbdVersion },
    );

  return {
    module,
    load: module,
    resources: (signal) =>
      machine.call(signal, () =>
        [...machine.kernel.running.values()].map(seen).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
    resourceFiles: (signal) => machine.call(signal, shownFiles),

    writeResource: (pair, signal) =>
      machine.call(signal, async () => {
        const command = `write ${filePath(pair.name)}`;
        checkResourceName(pair.name, command);
        const [first, second] = pair.legs;
        const usable =
          first.node !== second.node &&
          pair.legs.some(({ node }) => node === machine.name) &&
          pair.legs.every(
            ({ ip, disk, metadata }) => isIP(ip) > 0 && disk.startsWith('/dev/') && metadata.startsWith('/dev/'),
          ) &&
          /^[\w+/=.-]{1,63}$/.test(pair.secret);
        if (!usable) refuse('DRBD_BAD_CONFIG', command);
        const path = filePath(pair.name);
        const present = files.get(path);
        if (present?.ours === false) refuse('DRBD_FILE_NOT_OURS', command);
        if (isDeepStrictEqual(present?.pair, pair)) return;
        for (const other of shownFiles().filter((file) => file.path !== path)) {
          if (other.name === pair.name) refuse('DRBD_FILE_NOT_OURS', command);
          if (other.minors.includes(pair.minor) || other.ports.includes(pair.port))
            refuse('DRBD_ADDRESS_IN_USE', command);
        }
        await machine.step('write resource file', pair.name, () => files.set(path, { ours: true, pair }));
      }),
    removeResource: (name, signal) =>
      machine.call(signal, async () => {
        const command = `remove ${filePath(name)}`;
        checkResourceName(name, command);
        const present = files.get(filePath(name));
        if (present === undefined) return;
        if (!present.ours) refuse('DRBD_FILE_NOT_OURS', command);
        const running = machine.kernel.running.get(name);
        if (running !== undefined && isOurs(running)) refuse('DEVICE_IN_USE', command);
        await machine.step('remove resource file', name, () => files.delete(filePath(name)));
      }),

    metadata: ({ device }, signal) =>
      machine.call(signal, () => {
        const command = `dump-md ${device}`;
        const volume = activeVolume(device, command);
        if (attachedTo(volume)) return { state: 'attached' };
        if (machine.isUnreadable(volume)) return refuse('DEVICE_UNREADABLE', command);
        const { drbd } = volume.content;
        if (drbd === undefined) return { state: 'absent' };
        return { state: 'valid', justCreated: drbd.current === undefined };
      }),
    createMetadata: ({ device, overwrite = false }, signal) =>
      machine.call(signal, async () => {
        const command = `create-md ${device}`;
        const volume = activeVolume(device, command);
        if (attachedTo(volume)) refuse('DEVICE_IN_USE', command);
        if (machine.isUnreadable(volume)) refuse('DEVICE_UNREADABLE', command);
        const present = volume.content.drbd;
        const isFresh = present !== undefined && present.current === undefined;
        if (present !== undefined && !isFresh && !overwrite) refuse('DRBD_METADATA_EXISTS', command);
        if (present === undefined && volume.content.signatures.length > 0) refuse('SIGNATURE_FOUND', command);
        if (!isFresh)
          await machine.step('create-md', device, () => {
            volume.content.drbd = freshMetadata();
          });
        return { state: 'valid', justCreated: true };
      }),
    wipeMetadata: ({ device }, signal) =>
      machine.call(signal, async () => {
        const command = `wipe-md ${device}`;
        const volume = activeVolume(device, command);
        if (attachedTo(volume)) refuse('DEVICE_IN_USE', command);
        if (volume.content.drbd !== undefined)
          await machine.step('wipe-md', device, () => {
            volume.content.drbd = undefined;
          });
      }),

    adjust: (name, signal) =>
      machine.call(signal, async () => {
        const command = `adjust ${name}`;
        if (machine.drbdVersion === undefined) refuse('DRBD_NOT_LOADED', command);
        const running = runningOurs(name, command);
        const file = files.get(filePath(name)) ?? refuse('DRBD_UNKNOWN_RESOURCE', command);
        if (running === undefined) await attach(file.pair, command);
        const side = runningMeant(name, command);
        if (side.connection === 'StandAlone' || !isDeepStrictEqual(side.pair, file.pair))
          await machine.step('connect', name, () => {
            side.pair = file.pair;
            if (side.connection === 'StandAlone') side.connection = 'Connecting';
          });
        return seen(side);
      }),
    promoteByForce: (name, signal) =>
      machine.call(signal, async () => {
        const command = `primary --force ${name}`;
        const side = runningMeant(name, command);
        if (side.role === 'Primary') return seen(side);
        if (replication.peerOf(side)?.role === 'Primary') refuse('DRBD_PEER_IS_PRIMARY', command);
        await machine.step('primary --force', name, () => replication.force(side));
        return seen(side);
      }),
    promote: (name, signal) =>
      machine.call(signal, async () => {
        const command = `primary ${name}`;
        const side = runningMeant(name, command);
        if (side.role === 'Primary') return seen(side);
        const peer = replication.peerOf(side);
        if (peer?.role === 'Primary') refuse('DRBD_PEER_IS_PRIMARY', command);
        if (side.disk !== 'UpToDate' && peer?.disk !== 'UpToDate') refuse('DRBD_NO_UP_TO_DATE_DATA', command);
        await machine.step('primary', name, () => {
          side.role = 'Primary';
        });
        return seen(side);
      }),
    demote: (name, signal) =>
      machine.call(signal, async () => {
        const command = `secondary ${name}`;
        const side = runningMeant(name, command);
        if (side.role === 'Primary') {
          openOn(side, command);
          await machine.step('secondary', name, () => {
            side.role = 'Secondary';
          });
        }
        return seen(side);
      }),
    disconnect: (name, signal) =>
      machine.call(signal, async () => {
        const command = `disconnect ${name}`;
        const side = runningMeant(name, command);
        if (side.connection !== 'StandAlone')
          await machine.step('disconnect', name, () => {
            leave(side, command);
            side.connection = 'StandAlone';
            side.peerDisk = 'DUnknown';
          });
        return seen(side);
      }),
    down: (name, signal) =>
      machine.call(signal, async () => {
        const command = `down ${name}`;
        const side = runningOurs(name, command);
        if (side === undefined) return;
        openOn(side, command);
        await machine.step('down', name, () => {
          leave(side, command);
          machine.kernel.running.delete(name);
        });
      }),
  };
}

/** An 8.4 kernel trusts its own disk only if no peer could know better, or if it was told not to care. */
function diskAfterAttach(metadata: ReplicationMetadata, fencing: DrbdPair['fencing']): DrbdDisk {
  if (!metadata.consistent) return 'Inconsistent';
  if (!metadata.wasUpToDate) return 'Outdated';
  return metadata.peerOutdated || fencing === 'dont-care' ? 'UpToDate' : 'Consistent';
}

function replicationWord(side: Running, peer: Running | undefined, source: Running | undefined): string {
  if (peer === undefined) return 'Off';
  if (source === undefined) return 'Established';
  return source === side ? 'SyncSource' : 'SyncTarget';
}
