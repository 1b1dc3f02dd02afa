/** The process died here. */
export class Killed extends Error {}
