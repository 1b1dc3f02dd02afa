import { execa } from 'execa';
import type { NodeSpec } from '../config.ts';

/**
 * The lab's network, inside its own network namespace. Nodes and control plane meet on one bridge. Beside it each node
 * has a management cable of its own to the supervisor, which stays when the node is cut off, so a test can still look
 * inside. Nothing is routed between the two, nor to the outside.
 */
export const gatewayAddress = '10.77.0.1';
export const guestPort = 7000;

const bridge = 'lab0';

export function addressesOf({ number }: Pick<NodeSpec, 'number'>) {
  return {
    tap: `tap${number}`,
    managementTap: `mgmt${number}`,
    address: `10.77.0.${10 + number}`,
    prefixLength: 24,
    /** Of the pods of this node. */
    podSubnet: `10.78.${10 + number}.0/24`,
    management: `169.254.${number}.2`,
    managementGateway: `169.254.${number}.1`,
    managementMac: `02:77:00:00:01:${(10 + number).toString(16).padStart(2, '0')}`,
    mac: `02:77:00:00:00:${(10 + number).toString(16).padStart(2, '0')}`,
  };
}

const ip = (...args: string[]) => execa('ip', args, { stdin: 'ignore' });

export async function createNetwork(nodes: readonly NodeSpec[]): Promise<void> {
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('addr', 'add', `${gatewayAddress}/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  for (const node of nodes) {
    const { tap, managementTap, managementGateway, management, managementMac, podSubnet, address } = addressesOf(node);
    await ip('tuntap', 'add', tap, 'mode', 'tap');
    await ip('link', 'set', tap, 'master', bridge, 'up');
    await ip('tuntap', 'add', managementTap, 'mode', 'tap');
    await ip('addr', 'add', `${managementGateway}/30`, 'dev', managementTap);
    await ip('link', 'set', managementTap, 'up');
    // For what beside the nodes speaks to pods, as the API server does.
    await ip('route', 'add', podSubnet, 'via', address);
    // Known beforehand, so the first packet to a booting node need not wait for an address lookup's next retry.
    await ip('neigh', 'replace', management, 'lladdr', managementMac, 'dev', managementTap);
  }
}

/** Takes the node's cable off the bridge. Setting the tap down instead would leave the guest's driver dead for good. */
export async function cut(node: NodeSpec): Promise<void> {
  await ip('link', 'set', addressesOf(node).tap, 'nomaster');
}

export async function heal(node: NodeSpec): Promise<void> {
  await ip('link', 'set', addressesOf(node).tap, 'master', bridge);
}
