import { linuxLvm, partition, sata, sataDisk, sataPartition, sataRecord, type Shape, volumeGroup } from '../shape.ts';

const [whole, part] = [volumeGroup('archive', '/dev/sdb'), volumeGroup('backup', '/dev/sdc1')];

/** Volume groups of somebody else that nothing uses now, on a disk and on a partition. */
export const foreignGroups: Shape = {
  lsblk: [
    sata('sdb', 1, { fstype: 'LVM2_member' }),
    sata('sdc', 2, {
      pttype: 'gpt',
      children: [
        partition('sdc1', '8:33', {
          size: 500_000_000_000,
          rota: true,
          parttype: linuxLvm,
          partuuid: 'eb322efb-80d5-9243-a643-cde09270cd71',
          fstype: 'LVM2_member',
        }),
      ],
    }),
  ],
  udevadm: sataRecord('sdb', 1, 'ID_FS_TYPE=LVM2_member\n') + sataRecord('sdc', 2, 'ID_PART_TABLE_TYPE=gpt\n'),
  probes: {},
  lvm: {
    groups: [...whole.groups, ...part.groups],
    physicalVolumes: [...whole.physicalVolumes, ...part.physicalVolumes],
    logicalVolumes: [],
    mappings: [],
  },
  disks: {
    '/dev/sdb': {
      ...sataDisk(1),
      partitions: ['/dev/sdb LVM2_member'],
      state: 'Bound',
      reason: 'ForeignGroup',
      says: ['Volume group archive on the disk', 'left alone', 'vgremove archive; pvremove /dev/sdb'],
    },
    '/dev/sdc': {
      ...sataDisk(2),
      partitions: ['/dev/sdc1 LVM2_member'],
      state: 'Bound',
      reason: 'Partitioned',
      says: ['vgremove backup; pvremove /dev/sdc1; wipefs -a /dev/sdc1 /dev/sdc'],
    },
    '/dev/sdc1': {
      ...sataPartition(2, 1),
      partitions: ['/dev/sdc1 LVM2_member'],
      state: 'Bound',
      reason: 'ForeignGroup',
      says: ['Volume group backup on the partition', 'left alone', 'vgremove backup; pvremove /dev/sdc1'],
    },
  },
};
