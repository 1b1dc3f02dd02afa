import { hostToolsContract } from '../contract/host-tools.contract.ts';
import { describeOnLab } from './harness/lab.ts';
import { contractHost, wipeNode } from './harness/nodes.ts';

describeOnLab('the real tools keep the contract of host tools', (lab) => {
  const [first, second] = [lab.node('node1'), lab.node('node2')];

  hostToolsContract(async () => {
    await first.heal();
    await Promise.all([wipeNode(lab, first.name), wipeNode(lab, second.name)]);
    return {
      hosts: [contractHost(first, '10.77.0.11'), contractHost(second, '10.77.0.12')],
      cut: () => first.cut(),
      heal: () => first.heal(),
      passTime: async () => {
        await first.run(['sleep', '0.2']);
      },
    };
  });
});
