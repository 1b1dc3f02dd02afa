import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Component } from './component.ts';
import { type Identity, adminIdentity, tokenFile } from './identity.ts';
import { kubeconfig } from './kubeconfig.ts';
import { request } from './request.ts';

/** Paths of the programs. Without the last two, the control plane is an API server and its etcd. */
export interface ControlPlaneBinaries {
  readonly etcd: string;
  readonly 'kube-apiserver': string;
  readonly 'kube-controller-manager'?: string;
  readonly 'kube-scheduler'?: string;
}

export interface ControlPlaneOptions {
  readonly binaries: ControlPlaneBinaries;
  /** Keys, data and logs go here; made if missing. */
  readonly dir: string;
  /** The address that the API server listens on and its certificate names. */
  readonly address: string;
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number };
  /** Further ones beside the admin, e.g. the kubelets of the nodes. */
  readonly identities?: readonly Identity[];
  readonly apiServerArgs?: readonly string[];
  readonly controllerManagerArgs?: readonly string[];
}

export interface ControlPlane {
  readonly server: string;
  readonly caPath: string;
  readonly adminToken: string;
  /** For kubectl, as cluster admin. */
  readonly kubeconfigPath: string;
  readonly components: Readonly<Partial<Record<ComponentName, Component>>>;
  /** Stops everything in the one order that does not hang: etcd last. */
  stop(): Promise<void>;
}

export type ComponentName = 'etcd' | 'apiserver' | 'controllerManager' | 'scheduler';

/**
 * Starts etcd, kube-apiserver and, where their programs are given, kube-controller-manager and kube-scheduler, and
 * waits until each serves. All die with this process.
 * @throws Error with the end of the log of the component that did not come up; then none is left running
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { binaries, dir, address, ports } = options;
  mkdirSync(dir, { recursive: true });
  const at = (file: string): string => join(dir, file);
  const server = `https://${address}:${ports.api}`;
  const admin = adminIdentity();
  const caPath = at('certs/apiserver.crt'); // made by the server at its start, signed by itself
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  writeFileSync(at('service-account.key'), key.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(at('tokens.csv'), tokenFile([admin, ...(options.identities ?? [])]), { mode: 0o600 });
  writeFileSync(at('admin.kubeconfig'), kubeconfig({ server, caPath, token: admin.token }), { mode: 0o600 });

  const etcdUrl = `http://127.0.0.1:${ports.etcd}`;
  const answers =
    (url: string, access: { caPath?: string; token?: string } = {}) =>
    async () => {
      const { status } = await request(url, access);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
    };
  const asAdmin = { caPath, token: admin.token };

  const etcd = new Component({
    name: 'etcd',
    logFile: at('etcd.log'),
    untilReady: answers(`${etcdUrl}/health`),
    argv: [
      binaries.etcd,
      `--data-dir=${at('etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
      `--initial-cluster=default=http://127.0.0.1:${ports.etcdPeer}`,
      '--unsafe-no-fsync', // a lab's data need not outlive the machine
    ],
  });
  const apiserver = new Component({
    name: 'kube-apiserver',
    logFile: at('kube-apiserver.log'),
    untilReady: answers(`${server}/readyz`, asAdmin),
    argv: [
      binaries['kube-apiserver'],
      `--etcd-servers=${etcdUrl}`,
      `--cert-dir=${at('certs')}`,
      `--bind-address=${address}`,
      `--advertise-address=${address}`,
      `--secure-port=${ports.api}`,
      `--token-auth-file=${at('tokens.csv')}`,
      `--service-account-key-file=${at('service-account.key')}`,
      `--service-account-signing-key-file=${at('service-account.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
      ...(options.apiServerArgs ?? []),
    ],
  });
  const components: Partial<Record<ComponentName, Component>> = { etcd, apiserver };
  const clientArgs = [`--kubeconfig=${at('admin.kubeconfig')}`, '--leader-elect=false', '--bind-address=127.0.0.1'];
  const manager = binaries['kube-controller-manager'];
  if (manager !== undefined) {
    components.controllerManager = new Component({
      name: 'kube-controller-manager',
      logFile: at('kube-controller-manager.log'),
      // It works once it has made the first service account.
      untilReady: answers(`${server}/api/v1/namespaces/default/serviceaccounts/default`, asAdmin),
      argv: [
        manager,
        ...clientArgs,
        '--secure-port=0',
        `--service-account-private-key-file=${at('service-account.key')}`,
        `--root-ca-file=${caPath}`,
        '--use-service-account-credentials=false',
        ...(options.controllerManagerArgs ?? []),
      ],
    });
  }
  const scheduler = binaries['kube-scheduler'];
  if (scheduler !== undefined) {
    components.scheduler = new Component({
      name: 'kube-scheduler',
      logFile: at('kube-scheduler.log'),
      untilReady: async () => undefined, // serves nobody; pods that stay Pending would tell
      argv: [scheduler, ...clientArgs, '--secure-port=0'],
    });
  }

  const inOrder = [etcd, apiserver, components.controllerManager, components.scheduler].filter(
    (component) => component !== undefined,
  );
  const stop = async (): Promise<void> => {
    for (const component of inOrder.toReversed()) await component.stop();
  };
  try {
    for (const component of inOrder) await component.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, caPath, adminToken: admin.token, kubeconfigPath: at('admin.kubeconfig'), components, stop };
}
