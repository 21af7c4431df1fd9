/**
 * Sender-based message logging (Johnson and Zwaenepoel, FTCS 1987): each message stays with its sender,
 * who also notes as the how manieth of all it was received (RSN), and says so (ACK). Until all it has
 * received is noted, a process sends nothing and does not end. So whatever others have of a process
 * follows from messages whose order somebody knows; who is lost goes back alone, to its newest
 * checkpoint, and has everything from there on once more, in that order. What it sends again is
 * dropped by its number.
 *
 * That holds for programs whose output follows from what they read and from its order: those that
 * wait for messages. Who polls, or looks at a clock, may do something else the second time.
 */
import type { Protocol } from "../../core/mod.ts";
import { WORD } from "./members.ts";
import { handleLogger, loggerWaitsFor, words } from "./message_logging_member.ts";
import { beginLogger, type Logger, type LogMessage } from "./message_logging_state.ts";

/** Two control messages for each application message, none for a checkpoint. */
export const messageLogging: Protocol<Logger, LogMessage> = {
  name: "message-logging",
  aliases: ["sender-based"],
  help: "Senders keep messages and note their order; who fails goes back alone (2 a message).",
  options: {
    timeout: {
      type: "time",
      default: 1_000_000_000,
      min: 1_000,
      doc: "How long a process waits for a checkpoint of its own before it gives it up.",
    },
  },
  requires: { order: "any", delivery: "reliable" },
  kinds: ["RSN", "ACK", "ASK", "KNOWN"],
  phases: ["save", "replay", "run"],
  recovery: "alone",
  log: true,
  cost: () => ({}),
  messageCost: { RSN: 1, ACK: 1 },
  size(message) {
    switch (message.kind) {
      case "RSN":
        return 3 * WORD;
      case "ACK":
        return WORD;
      case "ASK":
        return WORD * (2 + words(message.beyond));
      case "KNOWN":
        return WORD * (2 + words(message.yours, message.mine));
    }
  },
  member: (self, members, { timeout }, saved) => beginLogger(self, members, Number(timeout), saved),
  handle: handleLogger,
  waitsFor: loggerWaitsFor,
};
