/** Actors on a bench: hand in events, look at what they do. */
import type {
  ControlMessage,
  Out,
  ProcessId,
  Protocol,
  ProtocolEvent,
  Station,
} from "../../core/cluster/protocol.ts";
import { readOptions } from "../../core/base/option.ts";

/** One actor and what it has done since it was last looked at. */
export class Bench<State, Message extends ControlMessage, Piggyback = unknown> {
  private state: State;
  private deeds: string[] = [];
  readonly sent: { readonly to: Station; readonly message: Message }[] = [];

  constructor(
    readonly protocol: Protocol<State, Message, Piggyback>,
    readonly station: Station,
    members: readonly ProcessId[],
  ) {
    const options = readOptions(protocol.options, {}).values;
    const state = station === "manager"
      ? protocol.manager?.(members, options)
      : protocol.member(station, members, options);
    if (state === undefined) throw new Error(`${protocol.name} has no manager`);
    this.state = deeplyFrozen(state);
  }

  /** Hands in one event and returns what the actor did, one text each. */
  on(event: ProtocolEvent<Message, Piggyback>): readonly string[] {
    this.deeds = [];
    this.state = deeplyFrozen(this.protocol.handle(this.state, event, this.out()));
    return this.deeds;
  }

  /** Hands in a control message. */
  hears(from: Station, message: Message): readonly string[] {
    return this.on({ event: "control", from, message });
  }

  get waitsFor(): string | undefined {
    return this.protocol.waitsFor?.(this.state);
  }

  private out(): Out<Message, Piggyback> {
    const note = (text: string) => this.deeds.push(text);
    return {
      send: (to, message) => {
        this.sent.push({ to, message });
        note(`${message.kind} to ${to}`);
      },
      piggyback: (value) => note(`piggyback ${JSON.stringify(value)}`),
      keep: () => note("keep"),
      prune: (to, below) => note(`prune ${to} below ${below}`),
      withhold: () => note("withhold"),
      drop: () => note("drop"),
      resend: (to, number) => note(`resend ${number} to ${to}`),
      admit: (which) =>
        note(
          which === undefined
            ? "admit"
            : `admit ${which.map(({ from, number }) => `${from}#${number}`).join(" ")}`,
        ),
      recovered: () => note("recovered"),
      capture: (channels) => note(channels === undefined ? "capture" : `capture ${channels}`),
      record: () => note("record"),
      closeChannels: () => note("close channels"),
      discard: () => note("discard"),
      hold: () => note("hold"),
      release: () => note("release"),
      holdTo: (who) => note(`hold to ${who}`),
      releaseTo: (who) => note(`release to ${who}`),
      mapTo: (who, place) => note(`map ${who} to ${place}`),
      depart: () => note("depart"),
      settled: (who, members) => note(`settled ${who} of ${members.join(" ")}`),
      refused: (who, why) => note(`refused ${who}: ${why}`),
      leave: () => note("leave"),
      done: (members) => note(`done ${members.join(" ")}`),
      abort: (why) => note(`abort: ${why}`),
      phase: (name) => {
        if (!this.protocol.phases.includes(name)) throw new Error(`no phase is called '${name}'`);
      },
      log: (text) => note(`log: ${text}`),
      setTimer: (name, afterNs) => note(`timer ${name} ${afterNs}`),
      clearTimer: (name) => note(`clear ${name}`),
    };
  }
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deeplyFrozen);
  }
  return value;
}
