import { readFile } from 'node:fs/promises';
import type { Connection } from './connection.ts';

const tokenAgeMs = 60_000;

/** The Authorization header of a connection, kept fresh. */
export class Credentials {
  readonly #connection: Connection;
  #token: string | undefined;
  #readAt = -Infinity;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async authorization(): Promise<string | undefined> {
    const { token, tokenFile, authorization } = this.#connection;
    if (authorization !== undefined) return authorization();
    if (tokenFile === undefined) return token === undefined ? undefined : `Bearer ${token}`;
    if (this.#token === undefined || performance.now() - this.#readAt >= tokenAgeMs) {
      this.#token = (await readFile(tokenFile, 'utf8')).trim();
      this.#readAt = performance.now();
    }
    return `Bearer ${this.#token}`;
  }

  /** The server refused: look for a newer token. @returns whether there can be one */
  refresh(): boolean {
    this.#token = undefined;
    return this.#connection.tokenFile !== undefined;
  }
}
