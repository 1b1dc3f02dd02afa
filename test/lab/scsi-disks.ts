import { createHash } from 'node:crypto';
import type { LabNode } from './lab.ts';

/** Their content is in files on the node's own disk, so it outlives a power loss; that they are plugged in does not. */
export const scsiImages = '/lab/disk/scsi';

export interface ScsiDisk {
  /** Names the disk in the lab alone: lower-case letters and digits. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Path of a device or file whose bytes it begins with, as a clone does; blank without. */
  readonly copyOf?: string;
}

/**
 * Disks that the kernel itself serves to itself over SCSI (its target with a loopback fabric). Unlike the node's own
 * disks they can be pulled while they are open, come back with what they held, and grow while they are plugged in.
 * They are solid state, and have a serial number and a WWN that no other disk of any node has.
 */
export function scsiDisks(node: LabNode) {
  const run = (name: string, script: string): Promise<string> =>
    node.shell(`${settings(node.name, name)}${script}`, { timeoutMs: 120_000 });

  return {
    serialOf: (name: string): string => serialOf(node.name, name),

    /** Plugs a new disk in. @returns its path */
    async add({ name, sizeBytes, copyOf }: ScsiDisk): Promise<string> {
      if (!/^[a-z0-9]{1,16}$/.test(name))
        throw new Error(`${name} is no name of a disk: lower-case letters and digits`);
      const content = copyOf === undefined ? '' : `dd if=${copyOf} of=$image bs=1M conv=notrunc status=none\n`;
      const make = `mkdir -p ${scsiImages}\n rm -f $image\n truncate -s ${sizeBytes} $image\n${content}`;
      return (await run(name, `${make}${plugIn}`)).trim();
    },

    /** Takes the disk out from under whoever uses it. What it holds is kept. */
    pull: (name: string) => run(name, 'rm $port\n udevadm settle'),

    /** Plugs it in again, also after a power loss. @returns its path, which may be another one now */
    replug: async (name: string): Promise<string> => (await run(name, plugIn)).trim(),

    /** Makes it larger while it is plugged in, and lets the kernel see it. */
    grow: (name: string, sizeBytes: number) =>
      run(
        name,
        `truncate -s ${sizeBytes} $image
        echo fd_dev_size=${sizeBytes} > $store/control
        echo 1 > /sys/class/scsi_device/$(cat $target/address):0/device/rescan
        udevadm settle`,
      ),

    /** Away with it and what it held. */
    remove: (name: string) => run(name, `${forget}rm -f $image\n udevadm settle`),

    /** All that were ever added to this node. */
    removeAll: () => node.shell(forgetScsiDisks),
  };
}

/** Twelve hexadecimal digits: the WWN is made of them. */
const serialOf = (node: string, name: string): string =>
  createHash('sha256').update(`${node}/${name}`).digest('hex').slice(0, 12);

const kernelTarget = '/sys/kernel/config/target';

function settings(node: string, name: string): string {
  const serial = serialOf(node, name);
  return `
    image=${scsiImages}/${name}
    serial=${serial}
    store=${kernelTarget}/core/fileio_0/${name}
    adapter=${kernelTarget}/loopback/naa.6001405${serial.slice(0, 9)}
    target=$adapter/tpgt_1
    port=$target/lun/lun_0/port\n`;
}

/** The module makes the folder that the file system is mounted on. The path is known once the kernel has read the disk. */
const plugIn = `
  modprobe -a target_core_file tcm_loop sd_mod
  mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
  if [ ! -e $store ]; then
    mkdir -p $store
    echo "fd_dev_name=$image,fd_dev_size=$(stat -c %s $image)" > $store/control
    echo $serial > $store/wwn/vpd_unit_serial
    echo LAB > $store/wwn/vendor_id
    echo 1 > $store/enable
    echo 1 > $store/attrib/is_nonrot
  fi
  if [ ! -e $target/lun/lun_0 ]; then
    mkdir -p $target/lun/lun_0
    # Whoever asks for the disk, which is this kernel again.
    echo naa.6001406$(echo $serial | cut -c 1-9) > $target/nexus
  fi
  ln -s $store $port
  blocks=/sys/class/scsi_device/$(cat $target/address):0/device/block
  tries=0
  until [ -e $blocks/*/size ]; do tries=$((tries + 1)); [ $tries -lt 100 ]; sleep 0.1; done
  udevadm settle
  echo /dev/$(ls $blocks)\n`;

/** In the kernel's order: what stands on another goes first. */
const forget = `
  rm -f $port
  if [ -e $adapter ]; then rmdir $target/lun/lun_0 $target $adapter; fi
  if [ -e $store ]; then rmdir $store; fi\n`;

/** A shell script that takes every such disk off a node; whoever used one has nothing left. */
export const forgetScsiDisks = `
  for adapter in ${kernelTarget}/loopback/naa.*; do
    [ -e $adapter ] || continue
    rm -f $adapter/tpgt_1/lun/lun_0/port
    rmdir $adapter/tpgt_1/lun/lun_0 $adapter/tpgt_1 $adapter
  done
  for store in ${kernelTarget}/core/fileio_0/*/; do [ ! -e $store/udev_path ] || rmdir $store; done
  rm -rf ${scsiImages}
  udevadm settle\n`;
