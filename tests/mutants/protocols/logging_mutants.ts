/** Mistakes in sender-based message logging. */
import { messageLogging } from "../../../plugins/protocols/message_logging.ts";
import type { Logger, LogMessage } from "../../../plugins/protocols/message_logging_state.ts";
import { type Mistake, mutant, withEffects, withSend, withSender } from "./mutant.ts";

const logging = (name: string, help: string, mistake: Mistake<Logger, LogMessage>) =>
  mutant(messageLogging, name, help, mistake);

export const loggingDoesNotWait = logging(
  "logging-does-not-wait",
  "Sends on before the order of what it has received is noted.",
  (state, event, out, original) => original(state, event, withEffects(out, { hold: () => {} })),
);

export const loggingKeepsNothing = logging(
  "logging-keeps-nothing",
  "Notes orders, and keeps no message.",
  (state, event, out, original) => original(state, event, withEffects(out, { keep: () => {} })),
);

export const loggingForgetsOrder = logging(
  "logging-forgets-order",
  "Sends everything again, and does not say in which order it had come.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "KNOWN" ? { ...message, yours: [] } : message),
    ),
);

export const loggingTakesTwice = logging(
  "logging-takes-twice",
  "Takes what is sent again for new.",
  (state, event, out, original) => original(state, event, withEffects(out, { drop: () => {} })),
);

export const loggingForgetsItsNotes = logging(
  "logging-forgets-its-notes",
  "What it has told a process that was lost it does not tell again.",
  (state, event, out, original) => {
    if (event.event !== "control" || event.message.kind !== "ASK") {
      return original(state, event, out);
    }
    return { ...original({ ...state, unnoted: [] }, event, out), unnoted: state.unnoted };
  },
);

export const loggingAcksTwice = logging(
  "logging-acks-twice",
  "Says twice that it has noted a message.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSender(out, (to, message) => {
        out.send(to, message);
        if (message.kind === "ACK") out.send(to, message);
      }),
    ),
);
