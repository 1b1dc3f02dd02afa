import { chmodSync, existsSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskSpec } from '../config.ts';

/** User-Mode Linux has sixteen block devices, ubda to ubdp; the first is the node's own root. */
const letters = Array.from('abcdefghijklmnop');

export type DiskFault = 'none' | 'reads' | 'writes' | 'all';

/** preload.c reads the fault from the image's mode: the sticky bit marks it, then the owner's bits say what still works. */
const modeOf: Record<DiskFault, number> = { none: 0o600, reads: 0o1200, writes: 0o1400, all: 0o1000 };

export interface AttachedDisk {
  /** As in /dev: ubdb */
  readonly device: string;
  readonly index: number;
  readonly image: string;
  readonly spec: DiskSpec;
  readonly fault: DiskFault;
}

/**
 * A node's disk images, and the files that tell udev in the node who the disks are. Both are on the host, so they
 * outlive a power loss.
 */
export function diskShelf(imagesFolder: string, shareFolder: string) {
  const attached = new Map<string, AttachedDisk>();
  const identities = join(shareFolder, 'disks');
  mkdirSync(imagesFolder, { recursive: true });
  mkdirSync(identities, { recursive: true });
  writeFileSync(join(shareFolder, 'disks.rules'), udevRules);
  writeFileSync(join(identities, 'rotational'), '1\n');

  return {
    list: (): AttachedDisk[] => [...attached.values()].sort((a, b) => a.index - b.index),

    get(device: string): AttachedDisk {
      const disk = attached.get(device.replace(/^\/dev\//, ''));
      if (disk === undefined) {
        throw new Error(`there is no disk ${device}; this node has ${[...attached.keys()].join(', ')}`);
      }
      return disk;
    },

    /** Makes a blank image of that size, holes only, and its identity. */
    create(spec: DiskSpec): AttachedDisk {
      const index = letters.findIndex((letter) => !attached.has(`ubd${letter}`));
      if (index < 0) throw new Error(`a node has room for ${letters.length} disks, and all are taken`);
      const device = `ubd${letters[index]}`;
      const image = join(imagesFolder, `${device}.img`);
      if (existsSync(image)) rmSync(image);
      writeFileSync(image, '', { mode: modeOf.none });
      truncateSync(image, spec.sizeBytes);
      writeFileSync(join(identities, device), identityOf(spec));
      const disk: AttachedDisk = { device, index, image, spec, fault: 'none' };
      attached.set(device, disk);
      return disk;
    },

    forget({ device, image }: AttachedDisk): void {
      attached.delete(device);
      rmSync(image, { force: true });
      rmSync(join(identities, device), { force: true });
    },

    setFault(disk: AttachedDisk, fault: DiskFault): void {
      chmodSync(disk.image, modeOf[fault]);
      attached.set(disk.device, { ...disk, fault });
    },

    /** Bytes that the images take on the host; they are mostly holes. */
    usedBytes: (): number => [...attached.values()].reduce((sum, { image }) => sum + statSync(image).blocks * 512, 0),
  };
}

/** udev properties, one a line, as its IMPORT{file} reads them. */
export function identityOf(spec: DiskSpec): string {
  const { vendor, model, serial, wwn } = spec;
  const properties: Record<string, string | undefined> = {
    ID_BUS: 'scsi',
    ID_VENDOR: vendor,
    ID_MODEL: model,
    ID_SERIAL: serial && [vendor, model, serial].filter(Boolean).join('_'),
    ID_SERIAL_SHORT: serial,
    ID_WWN: wwn,
    ID_WWN_WITH_EXTENSION: wwn,
    LAB_ROTATIONAL: spec.rotational ? '1' : undefined,
  };
  return Object.entries(properties)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const udevRules = `# Gives the node's disks what User-Mode Linux does not: identity, stable links, and a kind.
SUBSYSTEM!="block", GOTO="lab_end"
KERNEL!="ubd*", GOTO="lab_end"
ACTION=="remove", GOTO="lab_end"
ENV{DEVTYPE}=="disk", IMPORT{file}="/lab/share/disks/%k"
ENV{DEVTYPE}=="partition", IMPORT{parent}="ID_*"
ENV{DEVTYPE}=="disk", ENV{ID_SERIAL}=="?*", SYMLINK+="disk/by-id/scsi-$env{ID_SERIAL}"
ENV{DEVTYPE}=="disk", ENV{ID_WWN}=="?*", SYMLINK+="disk/by-id/wwn-$env{ID_WWN}"
ENV{DEVTYPE}=="partition", ENV{ID_SERIAL}=="?*", SYMLINK+="disk/by-id/scsi-$env{ID_SERIAL}-part%n"
ENV{DEVTYPE}=="partition", ENV{ID_WWN}=="?*", SYMLINK+="disk/by-id/wwn-$env{ID_WWN}-part%n"
# Writing the attribute does not last: User-Mode Linux says "solid state" anew whenever the disk is opened.
ENV{LAB_ROTATIONAL}=="1", RUN+="/bin/sh -c 'mountpoint -q /sys%p/queue/rotational || mount --bind /lab/share/disks/rotational /sys%p/queue/rotational'"
LABEL="lab_end"
`;
