/** What the demo applies, as a user would write it. */
export const claims = (nodes: readonly string[]): string =>
  nodes
    .map(
      (node) => `apiVersion: hwameistor.io/v1alpha1
kind: LocalDiskClaim
metadata:
  name: ${node}-hdd-claim
spec:
  nodeName: ${node}
  owner: local-storage
  description:
    diskType: HDD
`,
    )
    .join('---\n');

/** As the operator makes it for a pool of spinning disks. */
export const storageClass = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: hwameistor-storage-lvm-hdd
provisioner: lvm.hwameistor.io
parameters:
  poolClass: HDD
  poolType: REGULAR
  replicaNumber: "1"
  csi.storage.k8s.io/fstype: ext4
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
reclaimPolicy: Delete
`;

/** Numbers from 1 on, one a line, each on disk before it is said to be; the next pod goes on where this one ended. */
const record = `n=$(tail -n 1 /data/records 2>/dev/null || echo 0)
while :; do
  n=$((n + 1))
  echo $n >> /data/records
  fsync /data/records
  echo "record $n is on disk"
  sleep 0.2
done`;

/** A database in small: one pod, one claim, and a program that never stops writing. */
export const statefulSet = (image: string): string => `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: demo
spec:
  serviceName: demo
  selector: { matchLabels: { app: demo } }
  template:
    metadata: { labels: { app: demo } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: writer
          image: ${image}
          imagePullPolicy: Never
          command: [sh, -c, ${JSON.stringify(record)}]
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: hwameistor-storage-lvm-hdd
        resources: { requests: { storage: 256Mi } }
`;
