import {
  builtin,
  type Client,
  type Controller,
  type KubernetesObject,
  manager,
  type Manager,
  type Resource,
} from '@dot-kube/operator';
import { inMemoryApiServer, type Interceptor, interceptWrites, settle, virtualClock } from '@dot-kube/operator/testing';
import { LocalDiskAction } from '../../src/api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { agentControllers } from '../../src/controllers/agent/index.ts';
import type { ClusterIdentity } from '../../src/controllers/cluster-identity.ts';
import { clusterControllers } from '../../src/controllers/cluster/index.ts';
import type { HostTools } from '../../src/node/tools.ts';
import { type DiskSpec, type SimulatedHost, SimulatedWorld } from '../sim/host/index.ts';
import { heartbeats, patience } from './heartbeats.ts';
import { absence, mortal, type Strike, whileAlive } from './process.ts';

const resources = [
  LocalDisk,
  LocalDiskAction,
  LocalDiskClaim,
  LocalStorageNode,
  LocalVolume,
  LocalVolumeReplica,
  LocalVolumeWriter,
  LocalVolumeMigrate,
];

export const identity: ClusterIdentity = { clusterId: 'model', drbdKey: 'key' };

export interface RunOptions {
  /** Stands at every write to the API server. */
  readonly intercept?: Interceptor;
  /** Stands between agents and their host. */
  readonly tools?: (tools: HostTools) => HostTools;
  /** What it aborts with ends every process at once. */
  readonly killed?: AbortSignal;
  /** Ends one process alone, and starts it anew after a while. */
  readonly strike?: Strike;
  /** What Kubernetes runs beside us, such as a scheduler. */
  readonly beside?: readonly Controller[];
  /** At least so much time goes by before the world counts as settled. */
  readonly forMs?: number;
  /** `false`: when that time is over, every process is ended wherever it is; what waits for repair never settles. */
  readonly settles?: boolean;
}

/** A whole cluster in memory: an API server, simulated hosts, a clock that jumps, and the real controllers. */
export class ModelCluster {
  readonly clock = virtualClock();
  readonly api = inMemoryApiServer({ clock: this.clock, resources });
  /** Of a person with kubectl. */
  readonly kubectl: Client = this.api.client();
  readonly world = new SimulatedWorld({ now: () => this.clock.now() });
  /** Objects of each volume name, in the order in which they came. */
  readonly #volumes = new Map<string, string[]>();

  static async of(hosts: Record<string, readonly DiskSpec[]>): Promise<ModelCluster> {
    const cluster = new ModelCluster();
    for (const [index, [name, disks]] of Object.entries(hosts).entries()) {
      cluster.world.addHost(name, { disks });
      const addresses = [{ type: 'InternalIP', address: `10.0.0.${index + 1}` }];
      await cluster.kubectl.create(builtin.Node, { metadata: { name }, spec: {}, status: { addresses } });
    }
    return cluster;
  }

  /** Starts a fresh controller and a fresh agent on each host that is on, and lets them work until nothing is left. */
  async run(options: RunOptions = {}): Promise<void> {
    const { intercept, tools = (same) => same, killed, strike, forMs = 0, settles = true, beside = [] } = options;
    const { clock, world } = this;
    const client = (username: string, guard: Interceptor = (_write, act) => act()): Client => {
      const plain = interceptWrites(this.api.client({ user: { username } }), guard);
      return intercept === undefined ? plain : interceptWrites(plain, intercept);
    };
    const alive = [...world.hosts.values()].filter(({ isOn }) => isOn);
    const clientOn = (host: SimulatedHost): Client =>
      client(host.name, (_write, act) => {
        if (!host.isOn) throw new Error(`${host.name} is off, and its agent with it`);
        return act();
      });
    const newVolumeId = (volume: LocalVolume): string => this.#idOf(volume);
    const processOf = (name: string, make: () => { client: Client; controllers: Controller[] }): Manager => {
      const start = (isDead: () => boolean): Manager => {
        const { client: unguarded, controllers } = make();
        return manager({
          client: interceptWrites(unguarded, whileAlive(isDead)),
          controllers,
          clock,
          identity: name,
        });
      };
      return strike?.process === name ? mortal(clock, strike, start) : start(() => false);
    };
    const managers: Manager[] = [
      processOf('controller', () => ({
        client: client('controller'),
        controllers: clusterControllers({ newVolumeId }),
      })),
      ...alive.map((host) =>
        processOf(host.name, () => ({
          client: clientOn(host),
          controllers: agentControllers({ node: host.name, tools: tools(host.tools), cluster: identity }),
        })),
      ),
      ...(beside.length === 0
        ? []
        : [manager({ client: this.kubectl, controllers: beside, clock, identity: 'kubernetes' })]),
      patience(clock, forMs),
    ];
    const isAbsent = strike === undefined ? () => false : absence(clock, strike);
    const beating = (host: SimulatedHost): Client =>
      interceptWrites(
        clientOn(host),
        whileAlive(() => strike?.process === host.name && isAbsent()),
      );
    const beats = heartbeats(clock, new Map(alive.map((host) => [host.name, beating(host)])), managers);
    await settle({
      clock,
      managers: [...managers, beats],
      maxVirtualMs: forMs + 3_600_000,
      ...(settles ? {} : { atMostMs: forMs }),
      ...(killed === undefined ? {} : { killed }),
    });
  }

  /** Another one for each object, and the same for one object whatever process asks. */
  #idOf({ metadata: { name, uid = '' } }: LocalVolume): string {
    const uids = this.#volumes.get(name) ?? [];
    this.#volumes.set(name, uids);
    if (!uids.includes(uid)) uids.push(uid);
    const nth = uids.indexOf(uid);
    return nth === 0 ? `id-of-${name}` : `id-of-${name}-${nth + 1}`;
  }

  /** Objects of one kind by name. */
  async objects<O extends KubernetesObject>(resource: Resource<O>): Promise<Map<string, O>> {
    const { items } = await this.kubectl.list(resource);
    return new Map(items.map((item) => [item.metadata.name, item]));
  }
}
