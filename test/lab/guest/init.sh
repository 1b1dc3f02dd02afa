#!/bin/sh
# First process of a lab node. The kernel starts it on the host's own file system (hostfs); it gives the node a root of
# its own (an overlay whose changes go to the scratch disk), starts udev and the network, and then the guest service.
# Settings come from boot.env in the node's share, which the kernel command line names: lab_share=/path.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
trap 'echo "lab: init failed near line $LINENO"; sync' EXIT

mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
for word in $(cat /proc/cmdline); do
  case $word in lab_share=*) share=${word#lab_share=} ;; esac
done
. "$share/boot.env"

# The host has no overlay module where this kernel looks for one, so it is loaded by its path.
modules=/usr/lib/uml/modules
grep -qw overlay /proc/filesystems || insmod "$modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
mount -t tmpfs tmpfs /mnt
mkdir /mnt/disk /mnt/root
mount /dev/ubda /mnt/disk
mkdir -p /mnt/disk/upper /mnt/disk/work
mount -t overlay -o "lowerdir=/,upperdir=/mnt/disk/upper,workdir=/mnt/disk/work" overlay /mnt/root
cd /mnt/root
mkdir -p lab/disk lab/share lab/old
mount --move /mnt/disk lab/disk
for folder in proc sys dev; do mount --move "/$folder" "$folder"; done
pivot_root . lab/old
cd /
umount -l /lab/old
mount -t hostfs none -o "$share" /lab/share

for folder in /run /tmp /dev/shm; do
  mkdir -p "$folder"
  mount -t tmpfs -o mode=1777 tmpfs "$folder"
done
mkdir -p /run/lock /run/udev /dev/pts /lib/modules
mount -t devpts devpts /dev/pts
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind "$modules" /lib/modules

hostname "$LAB_NODE"
echo "$LAB_NODE" > /etc/hostname
echo "$LAB_MACHINE_ID" > /etc/machine-id
cp /lab/share/hosts /etc/hosts
: > /etc/fstab
# What the host may have configured for itself; resources that the node's agent writes later outlive a reboot.
[ -e /lab/disk/prepared ] || rm -rf /etc/drbd.d/*.res /etc/lvm/backup/* /etc/lvm/archive/*
touch /lab/disk/prepared
echo 'global { usage-count no; udev-always-use-vnr; }' > /etc/drbd.d/global_common.conf
echo 'options drbd usermode_helper=/bin/true' > /etc/modprobe.d/lab.conf

ip link set lo up
ip link set vec0 address "$LAB_MAC" up
ip addr add "$LAB_ADDRESS" dev vec0
ip link set vec1 address "$LAB_MANAGEMENT_MAC" up
ip addr add "$LAB_MANAGEMENT_ADDRESS" dev vec1

modprobe -a dm-mod drbd
cp /lab/share/disks.rules /etc/udev/rules.d/59-lab-disks.rules
/lib/systemd/systemd-udevd --daemon
# Only block devices: an event for each of the hundreds of other devices would cost seconds.
udevadm trigger --action=add --subsystem-match=block
udevadm settle --timeout=30
# On a machine with systemd, udev events activate volume groups at boot; here they cannot, so it is done once.
vgchange -aay --quiet || echo 'lab: some volume group could not be activated'

[ -z "$LAB_PODS" ] || sh "$LAB_PODS"

echo "lab: $LAB_NODE is up"
trap - EXIT
set +e
"$LAB_NODE_BINARY" "$LAB_GUEST_SERVICE" "${LAB_MANAGEMENT_ADDRESS%/*}" "$LAB_GUEST_PORT" /lab/share/logs < /dev/null
echo "lab: the guest service ended with $?"
sync
poweroff -f
