/** What a checkpoint came to so far, as plain data: what its metrics are read from. */
import { type Bin, BINS } from "./account.ts";
import type { FrameCounts } from "./buffers.ts";
import type { CaptureCosts } from "./capture_target.ts";
import { restartCycles } from "./restart_cost.ts";
import type { PreCopyCounts } from "./pre_copy.ts";
import type { CaptureSession } from "./session.ts";
import type { SessionCounts, SessionState } from "./session_state.ts";

/** Figures of one session; times in cycles of its board. */
export interface SessionFigures {
  readonly state: SessionState;
  readonly over: boolean;
  /** Why there is no image; empty while there may be one. */
  readonly why: string;
  /** The step the strategy is at; empty when there is none left. */
  readonly step: string;
  readonly requestedAt: number;
  readonly takenAt?: number;
  readonly committedAt?: number;
  readonly counts: Readonly<SessionCounts>;
  readonly frames: FrameCounts;
  /** Before t0; absent where the strategy copies nothing there. */
  readonly preCopied?: Readonly<PreCopyCounts>;
  readonly bins: Readonly<Record<Bin, number>>;
  readonly downtime: number;
  readonly downtimeHonest: number;
  readonly maxPause: number;
  /** Bytes a restart reads: of this image, of its parent, and so on; empty before it is committed. */
  readonly reads: readonly number[];
  /** What a restart on such a board takes; 0 before it is committed. */
  readonly restart: number;
}

/** The figures of a session now. */
export function figuresOf(session: CaptureSession, costs: CaptureCosts): SessionFigures {
  const { account, counts, preCopied, image, state, takenAt, committedAt } = session;
  const bins = Object.fromEntries(
    (Object.keys(BINS) as Bin[]).map((bin) => [bin, account.in(bin)]),
  ) as Record<Bin, number>;
  const committed = image !== undefined && state === "committed";
  return {
    state,
    over: session.over,
    why: session.why,
    step: session.step,
    requestedAt: session.requestedAt,
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(committedAt === undefined ? {} : { committedAt }),
    counts: { ...counts },
    frames: session.frames,
    ...(preCopied === undefined ? {} : { preCopied: { ...preCopied } }),
    bins,
    downtime: account.downtime,
    downtimeHonest: account.downtimeHonest,
    maxPause: account.maxPause,
    reads: session.reads,
    restart: committed ? restartCycles(image, session.reads, costs) : 0,
  };
}
