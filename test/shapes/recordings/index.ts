import { bcache } from './bcache.ts';
import { cephLvm } from './ceph-lvm.ts';
import { cephRaw } from './ceph-raw.ts';
import { dasd } from './dasd.ts';
import { dosPartitions } from './dos-partitions.ts';
import { emmc } from './emmc.ts';
import { foreignGroups } from './foreign-groups.ts';
import { gptEmpty } from './gpt-empty.ts';
import { gptPartitions } from './gpt-partitions.ts';
import { inDoubt } from './in-doubt.ts';
import { iscsi } from './iscsi.ts';
import { luks } from './luks.ts';
import { lvmRoot } from './lvm-root.ts';
import { madeBySoftware } from './made-by-software.ts';
import { mdRaid } from './md-raid.ts';
import { mountedPartition } from './mounted-partition.ts';
import { multipath } from './multipath.ts';
import { noLvm } from './no-lvm.ts';
import { nvme } from './nvme.ts';
import { poolPartition } from './pool-partition.ts';
import { readOnly } from './read-only.ts';
import { sasSsd } from './sas-ssd.ts';
import { sataHdd } from './sata-hdd.ts';
import { swap } from './swap.ts';
import { usb } from './usb.ts';
import { virtioNameless } from './virtio-nameless.ts';
import { xfsUnmounted } from './xfs-unmounted.ts';
import { zfs } from './zfs.ts';
import type { Shape } from '../shape.ts';

/** Every machine that was recorded. */
export const recordings: Readonly<Record<string, Shape>> = {
  bcache,
  cephLvm,
  cephRaw,
  dasd,
  dosPartitions,
  emmc,
  foreignGroups,
  gptEmpty,
  gptPartitions,
  inDoubt,
  iscsi,
  luks,
  lvmRoot,
  madeBySoftware,
  mdRaid,
  mountedPartition,
  multipath,
  noLvm,
  nvme,
  poolPartition,
  readOnly,
  sasSsd,
  sataHdd,
  swap,
  usb,
  virtioNameless,
  xfsUnmounted,
  zfs,
};
