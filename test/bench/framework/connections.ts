import { Socket } from 'node:net';

export interface Connections {
  readonly made: () => number;
  readonly open: () => number;
}

/** Counts the TCP connections that this process makes from now on, whoever makes them. */
export function countConnections(): Connections {
  let made = 0;
  const open = new Set<Socket>();
  // oxlint-disable-next-line typescript/unbound-method -- called with its socket below
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  Socket.prototype.connect = function counted(this: Socket, ...args: unknown[]) {
    made += 1;
    open.add(this);
    this.once('close', () => open.delete(this));
    return connect.apply(this, args);
  };
  return { made: () => made, open: () => open.size };
}
