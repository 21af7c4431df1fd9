/** A protocol with one mistake in it: a law that does not notice guards nothing. */
import type {
  ControlMessage,
  Out,
  Protocol,
  ProtocolEvent,
} from "../../../core/cluster/protocol.ts";

/** What the mutant does instead; `original` does what the protocol does. */
export type Mistake<State, Message extends ControlMessage, Piggyback = unknown> = (
  state: State,
  event: ProtocolEvent<Message, Piggyback>,
  out: Out<Message, Piggyback>,
  original: (
    state: State,
    event: ProtocolEvent<Message, Piggyback>,
    out: Out<Message, Piggyback>,
  ) => State,
) => State;

/** The protocol with the mistake. */
export const mutant = <State, Message extends ControlMessage, Piggyback>(
  protocol: Protocol<State, Message, Piggyback>,
  name: string,
  help: string,
  mistake: Mistake<State, Message, Piggyback>,
): Protocol<State, Message, Piggyback> => ({
  ...protocol,
  name,
  aliases: [],
  help,
  handle: (state, event, out) =>
    mistake(state, event, out, (...given) => protocol.handle(...given)),
});

/** An `out` some of whose effects are others; whatever else it is, it stays. */
export const withEffects = <Message extends ControlMessage, Piggyback>(
  out: Out<Message, Piggyback>,
  effects: Partial<Out<Message, Piggyback>>,
): Out<Message, Piggyback> => Object.assign(Object.create(out), effects);

/** An `out` that sends in another way. */
export const withSender = <Message extends ControlMessage, Piggyback>(
  out: Out<Message, Piggyback>,
  send: Out<Message, Piggyback>["send"],
): Out<Message, Piggyback> => withEffects(out, { send });

/** An `out` whose messages are looked at before they are sent; undefined takes one away. */
export const withSend = <Message extends ControlMessage, Piggyback>(
  out: Out<Message, Piggyback>,
  change: (message: Message) => Message | undefined,
): Out<Message, Piggyback> =>
  withSender(out, (to, message) => {
    const changed = change(message);
    if (changed !== undefined) out.send(to, changed);
  });
