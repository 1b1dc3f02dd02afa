#!/bin/sh
# Makes a lab node ready to run pods; init.sh calls it where boot.env names a subnet for them.
set -e

# kubelet stops at a processor without a clock rate, and User-Mode Linux tells none.
sed '/^$/q' /lab/share/pods/cpuinfo > /run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo

# Every process stays in the root group until the controllers are on: afterwards the kernel would refuse cpu.
echo '+cpu +io +memory +pids' > /sys/fs/cgroup/cgroup.subtree_control

# Neither containers nor mounts of pods work on the overlay over hostfs, so both have folders on the root disk itself.
for folder in containerd kubelet; do
  mkdir -p "/lab/disk/$folder" "/var/lib/$folder"
  mount --bind "/lab/disk/$folder" "/var/lib/$folder"
done
mount --make-rshared /
# kubelet doesn't sync its serving certificate, and stops at what a power loss left of it; it makes itself a new one.
rm -rf /var/lib/kubelet/pki

# The last is kubelet's, which puts a loop device onto each raw volume of a pod.
modprobe -a iptable_nat iptable_filter iptable_mangle ip6table_nat ip6table_filter ip6table_mangle \
  xt_nat xt_MASQUERADE xt_conntrack xt_mark xt_addrtype xt_statistic xt_comment veth bridge loop
# The kernel's nf_tables has no address families: kube-proxy needs the older tools, under their usual names.
mkdir -p /run/iptables
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -sf "$(command -v xtables-legacy-multi)" "/run/iptables/$name"
done
echo 1 > /proc/sys/net/ipv4/ip_forward

mkdir -p /etc/cni/net.d
cp /lab/share/pods/cni.conflist /etc/cni/net.d/10-lab.conflist
# What a past boot left: its containers are gone with the kernel, and so are their addresses.
rm -rf /var/lib/cni/networks
while read -r subnet gateway; do
  ip route add "$subnet" via "$gateway"
done < /lab/share/pods/routes
