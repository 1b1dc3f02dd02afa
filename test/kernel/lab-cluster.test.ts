import { expect, test, vi } from 'vitest';
import { createNodeBoundToken } from '../lab/control-plane/index.ts';
import { describeOnLab } from './harness/lab.ts';

describeOnLab("a lab's cluster", (lab) => {
  const node3 = lab.node('node3');

  const readyOf = async (node: string): Promise<string> => {
    const condition = '{.status.conditions[?(@.type=="Ready")].status}';
    return (await lab.kubectl(['get', 'node', node, '-o', `jsonpath=${condition}`])).stdout;
  };
  const untilReadyIs = (node: string, status: 'True' | 'Unknown') =>
    vi.waitFor(async () => expect(await readyOf(node)).toBe(status), { timeout: 180_000, interval: 500 });

  test('has every node Ready, at its own address and with its own kernel', async () => {
    const wanted =
      '{range .items[*]}{.metadata.name} {.status.addresses[0].address} {.status.nodeInfo.machineID}{"\\n"}{end}';
    const { stdout } = await lab.kubectl(['get', 'nodes', '-o', `jsonpath=${wanted}`]);
    const machineIds = await Promise.all(
      ['node1', 'node2', 'node3'].map(async (node) => (await lab.node(node).run(['cat', '/etc/machine-id'])).trim()),
    );
    expect(new Set(machineIds).size).toBe(3);
    expect(stdout.trim().split('\n')).toEqual([
      `node1 10.77.0.11 ${machineIds[0]}`,
      `node2 10.77.0.12 ${machineIds[1]}`,
      `node3 10.77.0.13 ${machineIds[2]}`,
    ]);
    for (const node of ['node1', 'node2', 'node3']) await untilReadyIs(node, 'True');
  });

  test('is at the version that the product is made for', async () => {
    const { stdout } = await lab.kubectl(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ serverVersion: { gitVersion: 'v1.36.3' } });
  });

  test.each([
    { what: 'lost its power', fail: () => node3.kill(), mend: () => node3.boot() },
    { what: 'is cut off', fail: () => node3.cut(), mend: () => node3.heal() },
    { what: 'hangs', fail: () => node3.freeze(), mend: () => node3.thaw() },
    { what: 'has no kubelet', fail: () => node3.stopKubelet(), mend: () => node3.startKubelet() },
  ])('sees that a node $what, and that it is back', async ({ fail, mend }) => {
    await fail();
    try {
      await untilReadyIs('node3', 'Unknown');
      expect(await readyOf('node1')).toBe('True');
    } finally {
      await mend();
    }
    await untilReadyIs('node3', 'True');
  });

  test('lets a kubelet write its own node and lease only', async () => {
    const lease = (node: string) => [
      '-n',
      'kube-node-lease',
      'get',
      'lease',
      node,
      '-o',
      'jsonpath={.spec.holderIdentity}',
    ];
    expect((await lab.kubectl(lease('node1'))).stdout).toBe('node1');
    const patch = ['patch', 'node', 'node1', '--as=system:node:node2', '--as-group=system:nodes', '--type=merge'];
    const refused = await lab.kubectl([...patch, '--subresource=status', '-p', '{"status":{"phase":"Running"}}']);
    expect(refused.stderr).toContain('nodes "node1" is forbidden');
  });

  test('gives an agent a token that says which node it is on', async () => {
    const { outside, adminToken } = lab.access();
    const uid = (await lab.kubectl(['get', 'node', 'node2', '-o', 'jsonpath={.metadata.uid}'])).stdout;
    const token = await createNodeBoundToken({
      server: outside,
      caPath: lab.paths.caFile,
      adminToken,
      namespace: 'default',
      serviceAccount: 'default',
      node: { name: 'node2', uid },
    });
    const who = await lab.kubectl(['auth', 'whoami', '--token', token, '-o', 'json']);
    expect(JSON.parse(who.stdout)).toMatchObject({
      status: { userInfo: { extra: { 'authentication.kubernetes.io/node-name': ['node2'] } } },
    });
  });

  test('runs programs that are on no node, and reach the API server', async () => {
    const { inside, ca, adminToken } = lab.access();
    const script = `fetch('${inside}/readyz', { headers: { authorization: 'Bearer ${adminToken}' } })
      .then(async (answer) => console.log(await answer.text()))`;
    await lab.startProgram({
      name: 'asker',
      argv: [process.execPath, '-e', script],
      env: { NODE_EXTRA_CA_CERTS: lab.paths.caFile },
    });
    expect(ca).toContain('BEGIN CERTIFICATE');
    const done = () =>
      lab.programs().then((all) => expect(all).toContainEqual(expect.objectContaining({ name: 'asker', exitCode: 0 })));
    await vi.waitFor(done, { timeout: 30_000, interval: 200 });
    expect(await lab.readLog('asker')).toBe('ok\n');
  });
});
