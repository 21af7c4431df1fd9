/**
 * The sender's log of a process: messages it has sent and may have to send again. It dies with the
 * process, but for what its local checkpoints hold of it.
 */
import type { KeptMessage } from "../image/sender_log_file.ts";
import type { ProcessId } from "./protocol.ts";

/** What a log keeps, in the order of sending. */
export class SenderLog {
  private messages: KeptMessage[];

  constructor(messages: readonly KeptMessage[] = []) {
    this.messages = [...messages];
  }

  keep(message: KeptMessage): void {
    this.messages.push(message);
  }

  /** Messages to that process below that number are not needed any more. */
  prune(to: ProcessId, below: number): void {
    const isNeeded = (each: KeptMessage) => each.to !== to || each.sequence >= below;
    if (!this.messages.every(isNeeded)) this.messages = this.messages.filter(isNeeded);
  }

  /** All it keeps now; the list does not change later. */
  get all(): readonly KeptMessage[] {
    return [...this.messages];
  }
}
