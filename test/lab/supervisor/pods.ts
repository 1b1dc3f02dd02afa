import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NodeSpec, PodsConfig } from '../config.ts';
import { kubeconfig } from '../control-plane/kubeconfig.ts';
import type { KubeletConfig, ProgramSpec } from '../guest/requests.ts';
import { pauseImage } from '../images.ts';
import { addressesOf, gatewayAddress } from './network.ts';

/** What a node needs to run pods: files in the folder that it shares with the host, and the programs that are kept running. */
const shareName = 'pods';
const inside = `/lab/share/${shareName}`;
/** Below the processes' own pid files: a stop of the machine takes it along, as it takes containers. */
const containerdSocket = '/run/containerd/containerd.sock';
/** Written before the node's first boot. */
export function writePodFiles(share: string, spec: NodeSpec, allNodes: readonly NodeSpec[], pods: PodsConfig): void {
  const folder = join(share, shareName);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const [firstProcessor = ''] = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n');
  write('cpuinfo', `${firstProcessor}\n\n`);
  write('cni.conflist', JSON.stringify(podNetwork(spec)));
  write(
    'routes',
    allNodes
      .filter(({ name }) => name !== spec.name)
      .map((node) => `${addressesOf(node).podSubnet} ${addressesOf(node).address}\n`)
      .join(''),
  );
  write('containerd.toml', containerdToml);
  cpSync(pods.images, join(folder, 'images.tar'));
}

/** Written once the control plane is up; also how kubelet and kube-proxy reach it. */
export function writeKubeletFiles(
  share: string,
  { server, ca, token, renewSeconds, leaseSeconds }: KubeletConfig,
): void {
  const folder = join(share, shareName);
  writeFileSync(join(folder, 'ca.crt'), ca);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig({ server, caPath: `${inside}/ca.crt`, token }), { mode: 0o600 });
  writeFileSync(join(folder, 'kubelet.json'), JSON.stringify(kubeletSettings({ renewSeconds, leaseSeconds })));
}

/** In the order in which they are started; images are brought in after the first. */
export function podPrograms(spec: NodeSpec, { binaries }: PodsConfig) {
  const { address } = addressesOf(spec);
  const tools = [...new Set(Object.values(binaries).map((path) => dirname(path)))];
  const env = { PATH: ['/run/iptables', ...tools, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':') };
  const program = (name: string, argv: string[]): ProgramSpec => ({ name, argv, env, keepRunning: true });
  return {
    containerd: program('containerd', [binaries.containerd, '--config', `${inside}/containerd.toml`]),
    importImages: [
      binaries.ctr,
      `--address=${containerdSocket}`,
      '--namespace=k8s.io',
      'images',
      'import',
      `${inside}/images.tar`,
    ],
    kubelet: program('kubelet', [
      binaries.kubelet,
      `--config=${inside}/kubelet.json`,
      `--kubeconfig=${inside}/kubeconfig`,
      `--hostname-override=${spec.name}`,
      `--node-ip=${address}`,
      '--root-dir=/var/lib/kubelet',
    ]),
    kubeProxy: program('kube-proxy', [
      binaries['kube-proxy'],
      `--kubeconfig=${inside}/kubeconfig`,
      `--hostname-override=${spec.name}`,
      '--proxy-mode=iptables',
      '--conntrack-max-per-core=0',
      `--cluster-cidr=${podNetworkCidr}`,
      '--bind-address=0.0.0.0',
    ]),
  };
}

const podNetworkCidr = '10.78.0.0/16';

const podNetwork = (spec: NodeSpec) => ({
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: { type: 'host-local', ranges: [[{ subnet: addressesOf(spec).podSubnet }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
});

const containerdToml = `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
address = "${containerdSocket}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = "/etc/cni/net.d"
`;

const kubeletSettings = ({ renewSeconds, leaseSeconds }: { renewSeconds: number; leaseSeconds: number }) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  // User-Mode Linux has no cpuset controller.
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  resolvConf: '',
  // Nobody but the lab's own API server reaches it.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  clusterDNS: [gatewayAddress],
  failSwapOn: false,
  nodeStatusUpdateFrequency: `${renewSeconds}s`,
  nodeLeaseDurationSeconds: leaseSeconds,
  // Small, for quick tests; the defaults are for machines with many pods.
  syncFrequency: '10s',
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
});
