import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { silentLog } from '@dot-kube/operator';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityService } from '../identity/identity.ts';
import { GetPluginInfoResponseSchema, Node, NodeGetInfoRequestSchema, ProbeRequestSchema } from '../proto/csi_pb.js';
import { CsiError } from './csi-error.ts';
import { type GrpcServer, type Offered, offer, serveOnSocket } from './server.ts';
import { translateError } from './translate-error.ts';

let folder: string;
let path: string;
let server: GrpcServer | undefined;
let client: Client;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hwameistor-csi-'));
  path = join(folder, 'plugins', 'csi.sock');
});

afterEach(async () => {
  client.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function serve(...offered: Offered[]): Promise<void> {
  server = await serveOnSocket(path, offered, { log: silentLog, translate: translateError });
  client = new Client(`unix://${path}`, credentials.createInsecure());
}

const ask = (method: string, deadlineMs = 30_000): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const request = Buffer.from(toBinary(ProbeRequestSchema, create(ProbeRequestSchema)));
    const same = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest(method, same, same, request, { deadline: Date.now() + deadlineMs }, (error, answer) =>
      error === null ? resolve(answer ?? Buffer.alloc(0)) : reject(error),
    );
  });

test('answers over a socket that only root may use, in place of the one that an earlier process left', async () => {
  await serve();
  await server?.stop();
  await writeFile(path, '');
  await serve(identityService({ version: '1.2.3', isReady: () => true }));
  const answer = fromBinary(GetPluginInfoResponseSchema, await ask('/csi.v1.Identity/GetPluginInfo'));
  expect(answer).toMatchObject({ name: 'lvm.hwameistor.io', vendorVersion: '1.2.3' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('refuses with the code and the words of the handler', async () => {
  const refused = async (): Promise<never> => {
    throw new CsiError('FAILED_PRECONDITION', 'node1 has the volume open');
  };
  await serve(offer(Node, { nodeGetInfo: refused }));
  await expect(ask('/csi.v1.Node/NodeGetInfo')).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: 'node1 has the volume open',
  });
});

test('says of a call that nobody answers that it is not implemented', async () => {
  await serve(offer(Node, {}));
  await expect(ask('/csi.v1.Node/NodeGetInfo')).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
});

test('tells the handler that the caller gave up', async () => {
  const seen = Promise.withResolvers<unknown>();
  await serve(
    offer(Node, {
      nodeGetInfo: (_request, signal) =>
        new Promise(() => signal.addEventListener('abort', () => seen.resolve(signal.reason))),
    }),
  );
  await expect(ask('/csi.v1.Node/NodeGetInfo', 200)).rejects.toMatchObject<Partial<ServiceError>>({
    code: status.DEADLINE_EXCEEDED,
  });
  await expect(seen.promise).resolves.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('reads what it is sent', async () => {
  const info = create(NodeGetInfoRequestSchema);
  await serve(offer(Node, { nodeGetInfo: async (request) => ({ nodeId: request.$typeName }) }));
  expect((await ask('/csi.v1.Node/NodeGetInfo')).toString()).toContain(info.$typeName);
});
