/**
 * What the threads of a process wait in, in words: what is told of processes that wait for each
 * other and of nothing else.
 */
import type { Process } from "../kernel/process.ts";
import { SYSTEM_CALLS } from "../kernel/syscalls/table.ts";
import type { Thread, WaitingCall } from "../kernel/thread.ts";

const whom = (word: number | undefined): string => word === -1 ? "any" : String(word);

/** The call with what tells one such wait from another. */
function callText({ number, words }: WaitingCall): string {
  const [first, second] = words;
  const row = SYSTEM_CALLS.get(number);
  switch (row?.name) {
    case "msg_receive":
      return `msg_receive from ${whom(first)} tag ${whom(second)}`;
    case "msg_send":
      return `msg_send to ${whom(first)} tag ${whom(second)}`;
    default:
      return row?.show(words, []) ?? `system call ${number}`;
  }
}

/** Why a call that has all it needs does not go on. */
function reason({ endpoint }: Process, thread: Thread): string {
  const isIn = (queue: Thread["queues"][number]) => thread.queues.includes(queue);
  if (isIn(endpoint.releases)) return ", held by the protocol";
  if (isIn(endpoint.leavings)) return ", kept from ending by the protocol";
  if (isIn(endpoint.joinings)) return ", which has not begun";
  const unread = endpoint.inbox.length;
  return isIn(endpoint.arrivals) && unread > 0 ? ` (${unread} unread that do not match)` : "";
}

/** Whether a thread's call waits, or waited until just now, for the protocol to let it go on. */
export const isHeldBack = ({ endpoint }: Process, { call, queues }: Thread): boolean =>
  call !== undefined &&
  (call.woken || queues.includes(endpoint.releases) || queues.includes(endpoint.leavings));

/** What each thread that waits waits in, by thread. */
export const waitsOf = (process: Process): readonly string[] =>
  process.threads.flatMap((thread) =>
    thread.state === "waiting" && thread.call !== undefined
      ? [callText(thread.call) + reason(process, thread)]
      : []
  );
