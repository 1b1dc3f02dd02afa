import type { FileSystem } from '../../../src/api/file-systems.ts';
import type { Mount } from '../../../src/api/observed/index.ts';
import type { FileSystemTools } from '../../../src/node/tools.ts';
import { probeContent } from './block.ts';
import type { Content } from './content.ts';
import { type Machine, refuse } from './machine.ts';
import type { Replication } from './replication.ts';
import { sizeOf } from './state.ts';

/** A volume or a DRBD device as a program on the host opens it. */
interface Device {
  readonly path: string;
  readonly majorMinor: string;
  readonly sizeBytes: number;
  /** What is read. */
  readonly content: Content;
  /** What a write reaches. */
  readonly copies: readonly Content[];
  /** Why it can't be read. */
  readonly unreadable: string | undefined;
  /** Who has it, other than by a mount. */
  readonly opener: string | undefined;
}

export function simulatedFileSystemTools(machine: Machine, replication: Replication): FileSystemTools {
  const look = (path: string, command: string): Device => {
    const side = [...machine.kernel.running.values()].find(({ pair }) => `/dev/drbd${pair.minor}` === path);
    if (side !== undefined) {
      // What is not here yet comes from the peer.
      const good = [side, replication.peerOf(side)].filter((leg) => leg?.disk === 'UpToDate');
      const copies = good.flatMap((leg) => (leg === undefined ? [] : [leg.data.content]));
      const [content = side.data.content] = copies;
      const error = copies.length === 0 ? 'Input/output error' : undefined;
      return {
        path,
        majorMinor: `147:${side.pair.minor}`,
        sizeBytes: sizeOf(side.data),
        content,
        copies,
        unreadable: side.role === 'Primary' ? error : 'Wrong medium type',
        opener: machine.kernel.openers.get(path),
      };
    }
    const found = machine.volumeAt(path);
    const number = found === undefined ? undefined : machine.kernel.active.get(found.volume.uuid);
    if (found === undefined || number === undefined) return refuse('DEVICE_NOT_FOUND', command);
    return {
      path,
      majorMinor: `253:${number}`,
      sizeBytes: sizeOf(found.volume),
      content: found.volume.content,
      copies: [found.volume.content],
      unreadable: machine.isUnreadable(found.volume) ? 'Input/output error' : undefined,
      opener: machine.openerOf(found.group, found.volume),
    };
  };
  const mountsOf = (): Mount[] => machine.kernel.mounts.map(({ mount }) => mount);
  const at = (target: string): Mount | undefined => mountsOf().findLast((mount) => mount.target === target);
  const add = (command: string, device: Device, mount: Mount): Promise<void> =>
    machine.step(command, mount.target, () => void machine.kernel.mounts.push({ path: device.path, mount }));
  const unused = ({ path, opener }: Device, command: string): void => {
    const user = machine.mountOf(path) ?? opener;
    if (user !== undefined) refuse('DEVICE_IN_USE', command, user);
  };

  return {
    probe: (path, signal) =>
      machine.call(signal, () => {
        const drbd = machine.kernel.running.size > 0 && path.startsWith('/dev/drbd');
        if (!drbd) {
          const { content, unreadable } = machine.open(path);
          return probeContent(content, unreadable);
        }
        const { content, unreadable } = look(path, `probe ${path}`);
        return { ...probeContent(content, unreadable !== undefined), ...(unreadable ? { readError: unreadable } : {}) };
      }),
    device: (path, signal) =>
      machine.call(signal, () => {
        const { majorMinor, sizeBytes } = look(path, `lsblk ${path}`);
        return { majorMinor, sizeBytes };
      }),
    mounts: (signal) => machine.call(signal, mountsOf),
    format: ({ device: path, fsType, remake = false }, signal) =>
      machine.call(signal, async () => {
        const command = `mkfs.${fsType} ${path}`;
        const device = look(path, command);
        unused(device, command);
        if (device.unreadable !== undefined) refuse('DEVICE_UNREADABLE', command, device.unreadable);
        const foreign = device.content.signatures.filter(({ type }) => !(remake && type === fsType));
        if (foreign.length > 0) refuse('SIGNATURE_FOUND', command, foreign.map(({ type }) => type).join(', '));
        await machine.step(command, path, () => {
          machine.formatted.push(path);
          const made = { signatures: [{ type: fsType, uuid: machine.newUuid() }], data: `empty ${fsType}` };
          for (const copy of device.copies) Object.assign(copy, made, { fileSystemBytes: device.sizeBytes });
        });
      }),
    mount: ({ device: path, target, fsType, options }, signal) =>
      machine.call(signal, async () => {
        const command = `mount ${path} on ${target}`;
        const device = look(path, command);
        const there = at(target);
        if (there?.device === device.majorMinor && there.kind === 'filesystem') return;
        if (there !== undefined) refuse('TARGET_IN_USE', command, there.device);
        const fits = device.unreadable === undefined && device.content.signatures.some(({ type }) => type === fsType);
        if (!fits || (machine.mountOf(path) === undefined && device.opener !== undefined))
          refuse('MOUNT_REFUSED', command, device.unreadable ?? device.opener ?? 'wrong fs type');
        const readOnly = options.includes('ro');
        const mount: Mount = { target, device: device.majorMinor, kind: 'filesystem', root: '/', fsType, readOnly };
        await add('mount', device, mount);
      }),
    bind: ({ device: path, source, target, readOnly }, signal) =>
      machine.call(signal, async () => {
        const command = `mount ${source === 'device' ? path : source.folder} at ${target}`;
        const device = look(path, command);
        const shown = source === 'device' ? undefined : at(source.folder);
        if (source !== 'device' && shown?.device !== device.majorMinor) refuse('NOT_MOUNTED', command, source.folder);
        const there = at(target);
        const kind = source === 'device' ? 'device' : 'filesystem';
        const isSame = there?.device === device.majorMinor && there.kind === kind;
        if (isSame && (kind === 'device' || there.readOnly === readOnly)) return;
        if (there !== undefined) refuse('TARGET_IN_USE', command, there.device);
        const isReadOnly = kind === 'filesystem' && (readOnly || shown?.readOnly === true);
        const fsType = shown?.fsType ?? 'devtmpfs';
        await add('bind', device, { target, device: device.majorMinor, kind, root: '/', fsType, readOnly: isReadOnly });
      }),
    unmount: (target, signal) =>
      machine.call(signal, async () => {
        if (at(target) === undefined) return;
        await machine.step('umount', target, () => {
          machine.kernel.mounts = machine.kernel.mounts.filter(({ mount }) => mount.target !== target);
        });
      }),
    grow: ({ device: path, target, fsType }, signal) =>
      machine.call(signal, async () => {
        const command = `grow ${fsType satisfies FileSystem} on ${path}`;
        const device = look(path, command);
        if (at(target)?.device !== device.majorMinor) refuse('NOT_MOUNTED', command, target);
        if (device.content.fileSystemBytes === device.sizeBytes) return;
        await machine.step(command, path, () => {
          for (const copy of device.copies) copy.fileSystemBytes = device.sizeBytes;
        });
      }),
    usage: (target, signal) =>
      machine.call(signal, () => {
        const found = machine.kernel.mounts.findLast(({ mount }) => mount.target === target);
        if (found === undefined) return refuse('NOT_MOUNTED', `stat ${target}`);
        const totalBytes = look(found.path, `stat ${target}`).content.fileSystemBytes ?? 0;
        return { totalBytes, usedBytes: 0, availableBytes: totalBytes, totalInodes: 1000, usedInodes: 11 };
      }),
    zero: ({ device: path, onProgress }, signal) =>
      machine.call(signal, async () => {
        const command = `blkdiscard --zeroout ${path}`;
        const device = look(path, command);
        unused(device, command);
        await machine.step('zero', path, () => {
          for (const copy of device.copies) Object.assign(copy, { signatures: [], data: undefined });
        });
        onProgress(device.sizeBytes, device.sizeBytes);
      }),
  };
}
