/**
 * System calls for messages between the processes of one application. They are this kernel's own:
 * Linux has none of these numbers. While the endpoint is held they wait, and so does the end of the
 * process; for the program a hold takes time and is nothing else.
 */
import { LONGEST_MESSAGE, type Message } from "../endpoint.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { Block, demand, NO_RESULT, type Outcome, type Task } from "../task.ts";
import { encodeText } from "../user_memory.ts";

const FLAGS = { dontWait: 1, peek: 2 } as const;
/** Any sender, any tag. */
const ANY = -1;
const STATUS_BYTES = 12;

/** The wait of a call that may not go on while the endpoint is held; undefined when it may. */
function gate(task: Task, blocks = task.process.endpoint.held): Block | undefined {
  const { process: { endpoint }, thread, kernel } = task;
  endpoint.countBlocked(thread.id, kernel.now, thread.call !== undefined, blocks);
  return blocks ? new Block([endpoint.releases], { undisturbed: true }) : undefined;
}

/** The same for the end of the process, which also asks whoever must agree. */
export function leavingGate(task: Task): Block | undefined {
  const { process: { endpoint }, thread, kernel } = task;
  const blocks = endpoint.held || !endpoint.mayLeave();
  endpoint.countBlocked(thread.id, kernel.now, thread.call !== undefined, blocks);
  return blocks ? new Block([endpoint.leavings], { undisturbed: true }) : undefined;
}

interface SendArguments {
  readonly to: number;
  readonly tag: number;
  readonly buffer: number;
  readonly length: number;
  readonly flags: number;
}

function send(task: Task, { to, tag, buffer, length, flags }: SendArguments): Outcome {
  const { endpoint } = task.process;
  demand(to >= 0 && to < endpoint.size && tag >= 0, "EINVAL");
  demand((flags & ~FLAGS.dontWait) === 0, "EINVAL");
  demand(length <= LONGEST_MESSAGE, "EMSGSIZE");
  const blocks = endpoint.held || endpoint.heldTo.has(to);
  demand(!blocks || (flags & FLAGS.dontWait) === 0, "EAGAIN");
  const block = gate(task, blocks);
  if (block !== undefined) return block;
  if (endpoint.absent.has(to)) {
    demand((flags & FLAGS.dontWait) === 0, "EAGAIN");
    return new Block([endpoint.joinings]);
  }
  endpoint.send(to, tag, task.memory.read(buffer, length));
  return 0;
}

interface ReceiveArguments {
  readonly from: number;
  readonly tag: number;
  readonly buffer: number;
  readonly size: number;
  readonly status: number;
  readonly flags: number;
}

function writeStatus(task: Task, at: number, { from, tag, bytes }: Message): void {
  if (at !== 0) task.memory.writeWords(at, [from, tag, bytes.length]);
}

/** Both places are checked before either is written: a fault leaves message and memory alone. */
function copyOut(task: Task, message: Message, args: ReceiveArguments): void {
  const bytes = message.bytes.subarray(0, args.size);
  if (args.status !== 0) task.memory.check(args.status, STATUS_BYTES, true);
  task.memory.write(args.buffer, bytes);
  writeStatus(task, args.status, message);
}

function receive(task: Task, args: ReceiveArguments): Outcome {
  const { from, tag, flags, size, status } = args;
  const { endpoint } = task.process;
  demand(from >= ANY && from < endpoint.size && tag >= ANY, "EINVAL");
  demand((flags & ~(FLAGS.dontWait | FLAGS.peek)) === 0, "EINVAL");
  const waits = (flags & FLAGS.dontWait) === 0;
  demand(waits || !endpoint.held, "EAGAIN");
  const block = gate(task);
  if (block !== undefined) return block;
  const message = endpoint.find(from, tag);
  if (message === undefined) {
    demand(waits, "EAGAIN");
    return new Block([endpoint.arrivals]);
  }
  const { length } = message.bytes;
  if ((flags & FLAGS.peek) !== 0) {
    copyOut(task, message, args);
    return length;
  }
  if (length > size) writeStatus(task, status, message);
  demand(length <= size, "EMSGSIZE");
  copyOut(task, message, args);
  endpoint.take(message);
  return length;
}

function nodeName(task: Task, buffer: number, size: number): number {
  const name = encodeText(task.process.endpoint.nodeName);
  demand(name.length < size, "ERANGE");
  task.memory.write(buffer, Uint8Array.of(...name, 0));
  return name.length;
}

/** Nobody is asked, held or not: to give up is not to leave. */
function abort(task: Task, code: number): typeof NO_RESULT {
  task.process.endpoint.onAbort?.(code);
  task.kernel.exit(task.process, code);
  return NO_RESULT;
}

function publish(task: Task, name: string, value: number): number {
  demand(name !== "", "EINVAL");
  demand(Number.isSafeInteger(value), "EOVERFLOW"); // else another number would be published
  task.process.endpoint.publish(name, value);
  return 0;
}

/** Rows on messages. */
export const MESSAGE_CALLS: readonly SystemCall[] = [
  syscall(1000, "msg_rank()", (task) => task.process.endpoint.rank),
  syscall(1001, "msg_size()", (task) => task.process.endpoint.size),
  syscall(
    1002,
    "msg_send(to:int, tag:int, buffer:ptr, length:size, flags:flags)",
    (task, args) => send(task, args),
  ),
  syscall(
    1003,
    "msg_receive(from:int, tag:int, buffer:ptr, size:size, status:ptr, flags:flags)",
    (task, args) => receive(task, args),
  ),
  syscall(
    1004,
    "msg_name(buffer:ptr, size:size)",
    (task, { buffer, size }) => nodeName(task, buffer, size),
  ),
  syscall(1005, "msg_abort(code:int)", (task, { code }) => abort(task, code)),
  syscall(
    1006,
    "msg_value(name:path, value:long)",
    (task, { name, value }) => publish(task, name, value),
  ),
];
