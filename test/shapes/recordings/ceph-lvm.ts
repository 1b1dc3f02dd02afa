import { mapped, row, type Shape, volumeGroup } from '../shape.ts';

const osd = 'ceph-1d5a9f0c-7a44-4d8e-9f6e-2b7c5a6d8e11';

/** A Ceph OSD made by ceph-volume: nothing is mounted, everything is in use. */
export const cephLvm: Shape = {
  lsblk: [
    row({
      name: 'sdb',
      'maj:min': '8:16',
      type: 'disk',
      size: 8_001_563_222_016,
      rota: true,
      model: 'HUS728T8TALE6L4',
      serial: 'VAJ1N2LL',
      wwn: '0x5000cca0bed1b2c3',
      vendor: 'ATA     ',
      tran: 'sata',
      fstype: 'LVM2_member',
      children: [
        mapped(3, {
          name: 'ceph--1d5a9f0c--7a44--4d8e--9f6e--2b7c5a6d8e11-osd--block--7f0b3c7e--59a2--4a34--a0b8--0c3e91f2a9d4',
          type: 'lvm',
          size: 8_001_561_821_184,
          rota: true,
          fstype: 'ceph_bluestore',
        }),
      ],
    }),
  ],
  udevadm: `DEVPATH=/devices/pci0000:00/0000:00:17.0/ata2/host1/target1:0:0/1:0:0:0/block/sdb
DEVNAME=/dev/sdb
DEVTYPE=disk
SUBSYSTEM=block
USEC_INITIALIZED=3128841
ID_BUS=ata
ID_FS_TYPE=LVM2_member
ID_FS_USAGE=raid
DEVLINKS=/dev/disk/by-id/wwn-0x5000cca0bed1b2c3 /dev/disk/by-id/lvm-pv-uuid-3DPxsA-ltmK-G0Dv-PXWJ-fDVZ-4sLM-b2yEGF
`,
  probes: {},
  lvm: volumeGroup(osd, '/dev/sdb'),
  disks: {
    '/dev/sdb': {
      identity: 'wwn:0x5000cca0bed1b2c3',
      type: 'HDD',
      partitions: ['/dev/sdb LVM2_member'],
      state: 'Bound',
      reason: 'ForeignGroup',
      says: [`Volume group ${osd}`, 'left alone', `vgremove ${osd}; pvremove /dev/sdb`],
    },
  },
};
