import type { HostFiles } from '../host-files.ts';
import type { Run } from '../run.ts';
import type { FileSystemTools } from '../tools.ts';
import { blockDevice } from './block-device.ts';
import { growFileSystem } from './grow.ts';
import { mkfs } from './mkfs.ts';
import { mountTable } from './mount-table.ts';
import { bindMount, mountFileSystem, unmountAll } from './mount.ts';
import { probeVolume } from './probe.ts';
import { fileSystemUsage } from './usage.ts';
import { zeroDevice } from './zero.ts';

/** File systems of one host. Who changes one volume at a time is for the caller to see to. */
export function fileSystemTools({ run, files }: { run: Run; files: HostFiles }): FileSystemTools {
  const mounts = () => mountTable(files);
  return {
    probe: (device, signal) => probeVolume(run, device, { signal }),
    device: (path, signal) => blockDevice(run, path, { signal }),
    mounts,
    format: (wanted, signal) => mkfs(run, wanted, { signal }),
    mount: (wanted, signal) => mountFileSystem(run, mounts, wanted, { signal }),
    bind: (wanted, signal) => bindMount(run, mounts, wanted, { signal }),
    unmount: (target, signal) => unmountAll(run, mounts, target, { signal }),
    grow: (wanted, signal) => growFileSystem(run, mounts, wanted, { signal }),
    usage: (target, signal) => fileSystemUsage(run, mounts, target, { signal }),
    zero: (wanted, signal) => zeroDevice(run, wanted, { signal }),
  };
}
