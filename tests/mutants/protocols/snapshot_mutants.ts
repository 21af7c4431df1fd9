/** Mistakes in the snapshot of Chandy and Lamport, historic and likely ones. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { chandyLamport } from "../../../plugins/protocols/chandy_lamport.ts";
import type { Snapshot, SnapshotMessage } from "../../../plugins/protocols/chandy_lamport_state.ts";
import { type Mistake, mutant, withEffects, withSend, withSender } from "./mutant.ts";

type SnapshotProtocol = Protocol<Snapshot, SnapshotMessage>;

const snapshot = (
  name: string,
  help: string,
  mistake: Mistake<Snapshot, SnapshotMessage>,
): SnapshotProtocol => mutant(chandyLamport, name, help, mistake);

export const snapshotMarksLate = snapshot(
  "snapshot-marks-late",
  "The markers go out behind the first message that is sent after t0.",
  (state, event, out, original) => {
    const { owes = false, ...known } = state as Snapshot & { readonly owes?: boolean };
    if (known.role !== "member") return original(known, event, out);
    if (event.event === "taken") {
      const next = original(known, event, withSend(out, () => undefined));
      return Object.assign({ ...next }, { owes: true });
    }
    if (event.event === "sending") return state;
    if (owes) {
      for (const who of known.peers) out.send(who, { kind: "MARKER", epoch: known.epoch });
    }
    return original(known, event, out);
  },
);

export const snapshotMarksEarly = snapshot(
  "snapshot-marks-early",
  "The markers go out when the local checkpoint is begun, not at its t0.",
  (state, event, out, original) => {
    if (state.role !== "member") return original(state, event, out);
    const isTaken = event.event === "taken";
    const next = original(
      state,
      event,
      isTaken ? withSend(out, (message) => message.kind === "MARKER" ? undefined : message) : out,
    );
    if (next.role !== "member" || next.mode !== "save" || state.epoch === next.epoch) return next;
    for (const who of next.peers) out.send(who, { kind: "MARKER", epoch: next.epoch });
    return next;
  },
);

export const snapshotForgetsChannels = snapshot(
  "snapshot-forgets-channels",
  "Waits for every marker, and records nothing of what comes before it.",
  (state, event, out, original) => original(state, event, withEffects(out, { record: () => {} })),
);

export const snapshotClosesEarly = snapshot(
  "snapshot-closes-early",
  "Takes every channel for empty at t0.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isOpen = event.event === "taken" && next.role === "member" && next.mode === "channels";
    if (!isOpen) return next;
    out.closeChannels();
    return { ...next, mode: "closed", open: [], crossing: [] };
  },
);

export const snapshotLetsIn = snapshot(
  "snapshot-lets-in",
  "What follows a marker is in the receive buffer before the own t0.",
  (state, event, out, original) => original(state, event, withEffects(out, { withhold: () => {} })),
);

export const snapshotRecordsAll = snapshot(
  "snapshot-records-all",
  "Records whatever comes while any channel is open, behind a marker too.",
  (state, event, out, original) => {
    const records = event.event === "arriving" && state.role === "member" &&
      state.mode === "channels";
    if (!records) return original(state, event, out);
    out.record();
    return original(state, event, withEffects(out, { record: () => {} }));
  },
);

export const snapshotForgetsOldMarks = snapshot(
  "snapshot-forgets-old-marks",
  "What waits behind a marker of a snapshot that was given up is taken for sent after the cut.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event !== "control" || next.role !== "member") return next;
    return { ...next, marked: next.marked.map((mark) => ({ ...mark, before: 0 })) };
  },
);

export const snapshotLeavesSilently = snapshot(
  "snapshot-leaves-silently",
  "Whoever ends puts no last marker on its channels.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "BYE" ? undefined : message),
    ),
);

export const snapshotStartsOnce = snapshot(
  "snapshot-starts-once",
  "When the process that had to begin has ended, nobody begins.",
  (state, event, out, original) => {
    const isExit = event.event === "control" && event.message.kind === "EXIT";
    const silent = withSend(out, (message) => message.kind === "START" ? undefined : message);
    return original(state, event, isExit ? silent : out);
  },
);

export const snapshotIgnoresJoin = snapshot(
  "snapshot-ignores-join",
  "The manager does not look up when a process begins.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining" ? state : original(state, event, out),
);

export const snapshotLeavesJoinersOut = snapshot(
  "snapshot-leaves-joiners-out",
  "Who begins in the middle of a snapshot does not belong to it, and may run.",
  (state, event, out, original) => {
    if (state.role !== "manager" || event.event !== "joining") return original(state, event, out);
    const { alive, epoch } = state;
    out.send(event.who, { kind: "WELCOME", epoch });
    return { ...state, alive: [...alive, event.who].sort((a, b) => a - b) };
  },
);

export const snapshotMarksTwice = snapshot(
  "snapshot-marks-twice",
  "Sends every marker twice, to be sure.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSender(out, (to, message) => {
        out.send(to, message);
        if (message.kind === "MARKER") out.send(to, message);
      }),
    ),
);

export const snapshotDropsRequests = snapshot(
  "snapshot-drops-requests",
  "A checkpoint asked for during another is forgotten.",
  (state, event, out, original) => {
    const isBusy = state.role === "manager" && state.mode !== "idle";
    return isBusy && event.event === "requested" ? state : original(state, event, out);
  },
);
