import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DescMessage, DescMethodUnary, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Log } from '@dot-kube/operator';
import { CsiError } from './csi-error.ts';

/** One call: its signal aborts when the caller gave up. */
export type Handler<Request extends DescMessage, Response extends DescMessage> = (
  request: MessageShape<Request>,
  signal: AbortSignal,
) => Promise<MessageInitShape<Response>>;

/** Those of a service's calls that are answered; the others are UNIMPLEMENTED. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]?: Service['method'][Name] extends {
    input: infer Request extends DescMessage;
    output: infer Response extends DescMessage;
  }
    ? Handler<Request, Response>
    : never;
};

export interface Offered {
  readonly service: DescService;
  readonly handlers: Readonly<Record<string, Handler<DescMessage, DescMessage> | undefined>>;
}

/** A service with what answers it, typed by its description. */
export const offer = <Service extends DescService>(service: Service, handlers: Handlers<Service>): Offered => ({
  service,
  handlers,
});

export interface GrpcServer {
  /** Ends once the calls that run have ended, or were given up. */
  stop(): Promise<void>;
}

/** How long calls that run may take once the server is told to stop. */
const stopMs = 5_000;

/**
 * Serves on a unix socket that only root may use. What an earlier process left at that path is taken away.
 * @param translate makes what a handler throws the error that the caller gets
 */
export async function serveOnSocket(
  path: string,
  offered: readonly Offered[],
  { log, translate }: { log: Log; translate: (error: unknown) => CsiError },
): Promise<GrpcServer> {
  const server = new Server();
  for (const { service, handlers } of offered) {
    const methods = service.methods.filter(({ methodKind }) => methodKind === 'unary') as DescMethodUnary[];
    const answers: UntypedServiceImplementation = {};
    for (const method of methods) {
      const handler = handlers[method.localName];
      if (handler !== undefined) answers[method.localName] = answering(method, handler, { log, translate });
    }
    const definitions = methods.map((method) => [method.localName, definitionOf(service, method)] as const);
    server.addService(Object.fromEntries(definitions), answers);
  }
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  await chmod(path, 0o600);
  return {
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), stopMs);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function definitionOf(
  service: DescService,
  { name, input, output }: DescMethodUnary,
): MethodDefinition<object, object> {
  const codec = (schema: DescMessage) => ({
    serialize: (message: object) => Buffer.from(toBinary(schema, message as MessageShape<DescMessage>)),
    deserialize: (bytes: Buffer) => fromBinary(schema, bytes),
  });
  return {
    path: `/${service.typeName}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: codec(input).serialize,
    requestDeserialize: codec(input).deserialize,
    responseSerialize: codec(output).serialize,
    responseDeserialize: codec(output).deserialize,
  };
}

function answering(
  { name, output }: DescMethodUnary,
  handler: Handler<DescMessage, DescMessage>,
  { log, translate }: { log: Log; translate: (error: unknown) => CsiError },
): handleUnaryCall<MessageShape<DescMessage>, object> {
  const answer: (...args: Parameters<handleUnaryCall<MessageShape<DescMessage>, object>>) => Promise<void> = async (
    call,
    callback,
  ) => {
    const givenUp = new AbortController();
    call.on('cancelled', () => givenUp.abort(new CsiError('DEADLINE_EXCEEDED', `The caller of ${name} gave up.`)));
    const startedAt = performance.now();
    const tell = (outcome: object): void =>
      log.debug({ call: name, durationMs: Math.round(performance.now() - startedAt), ...outcome }, `Answered ${name}`);
    let response: object;
    try {
      response = create(output, await handler(call.request, givenUp.signal));
    } catch (thrown) {
      const error = translate(thrown);
      tell({ code: error.code, err: error });
      callback({ code: error.grpcCode, details: error.message });
      return;
    }
    tell({});
    callback(null, response);
  };
  return (call, callback) => void answer(call, callback);
}
