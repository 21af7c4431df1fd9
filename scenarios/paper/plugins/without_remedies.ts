/**
 * The two algorithms of paper B without what each does when a process ends, to show what that is for
 * (section 2.2 (4)): in all else they are the built-in protocols.
 */
import { type ControlMessage, definePlugin, type Out, type Protocol, protocols } from "ckptlab";

const builtIn = (name: string): Protocol => {
  const found = protocols.find((row) => row.name === name);
  if (found === undefined) throw new Error(`there is no built-in protocol '${name}'`);
  return found as Protocol;
};

const counting = builtIn("message-counting"), flushing = builtIn("cls-flush");

/** The same `out`, but that every message goes through `change`. */
const sending = (out: Out, change: (message: ControlMessage) => ControlMessage): Out =>
  Object.create(out, {
    send: { value: (...[to, message]: Parameters<Out["send"]>) => out.send(to, change(message)) },
  });

const withoutTable: Protocol = {
  ...counting,
  name: "without-table",
  aliases: [],
  help: "Message counting in which whoever ends takes its send table along.",
  handle: (state, event, out) =>
    counting.handle(
      state,
      event,
      sending(out, (message) =>
        message.kind === "EXIT" ? { ...message, sent: [] } as never : message),
    ),
};

/** As much of the flush's state as is looked at here. */
interface Flush {
  readonly role: "member" | "manager";
  readonly alive: readonly number[];
  readonly waiting: readonly number[];
}

const withoutRound: Protocol = {
  ...flushing,
  name: "without-round",
  aliases: [],
  help: "Flushing in which whoever ends is gone at once, without the extra round.",
  handle(state, event, out) {
    const { role, alive, waiting } = state as Flush;
    if (role === "member" && event.event === "exiting" && !event.killed) {
      out.send("manager", { kind: "LEAVE" });
      out.leave();
      return { ...state as Flush, mode: "gone" };
    }
    if (role === "manager" && event.event === "control" && event.message.kind === "LEAVE") {
      const others = (all: readonly number[]) => all.filter((who) => who !== event.from);
      return { ...state as Flush, alive: others(alive), waiting: others(waiting) };
    }
    return flushing.handle(state, event, out);
  },
};

export default definePlugin({
  name: "without-remedies",
  version: "1.0.0",
  api: "^1",
  contributes: { protocols: [withoutTable, withoutRound] },
});
