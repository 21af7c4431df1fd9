/** Everything that happens by itself at a certain cycle: ends of waits, and interval timers. */
import type { IntervalTimer, IntervalTimers, Process } from "./process.ts";
import { SI_KERNEL, type SignalInfo, SIGNALS } from "./signals.ts";

/** What alarms need of the kernel. */
export interface AlarmServices {
  readonly now: number;
  processes(): Iterable<Process>;
  send(process: Process, info: SignalInfo): void;
}

/** The timers by the signal they send. */
const TIMERS: readonly (readonly [keyof IntervalTimers, number])[] = [
  ["real", SIGNALS.SIGALRM],
  ["virtual", SIGNALS.SIGVTALRM],
  ["profile", SIGNALS.SIGPROF],
];

/** A timer after it went off: set again at its next point in the future, or not at all. */
function rearmed({ at, interval }: IntervalTimer, now: number): IntervalTimer {
  if (at === undefined || interval <= 0) return { at: undefined, interval: 0 };
  const missed = Math.floor((now - at) / interval);
  return { at: at + (missed + 1) * interval, interval };
}

/** The alarms of all processes of a kernel. A frozen process has none until it thaws. */
export class Alarms {
  constructor(private readonly services: AlarmServices) {}

  /** The cycle of the next alarm on the machine's clock, or Infinity. */
  next(): number {
    let next = Infinity;
    for (const process of this.services.processes()) {
      if (process.exit !== undefined || process.frozen) continue;
      next = Math.min(next, process.timers.real.at ?? Infinity);
      if (process.stopped) continue;
      for (const { state, call } of process.threads) {
        if (state === "waiting") next = Math.min(next, call?.deadline ?? Infinity);
      }
    }
    return next;
  }

  /** Cycles a process may still use before one of its own timers goes off, or Infinity. */
  cyclesLeft({ timers, cycles }: Process): number {
    const at = Math.min(timers.virtual.at ?? Infinity, timers.profile.at ?? Infinity);
    return at - cycles;
  }

  /** Rings what is due: waits end, timers send their signals. */
  ring(): void {
    const { now } = this.services;
    for (const process of this.services.processes()) {
      if (process.exit !== undefined || process.frozen) continue;
      for (const [name, signal] of TIMERS) this.ringTimer(process, name, signal, now);
      for (const thread of process.threads) {
        const { deadline } = thread.call ?? {};
        if (thread.state === "waiting" && deadline !== undefined && deadline <= now) thread.rouse();
      }
    }
  }

  private ringTimer(
    process: Process,
    name: keyof IntervalTimers,
    signal: number,
    now: number,
  ): void {
    const timer = process.timers[name];
    const clock = name === "real" ? now : process.cycles;
    if (timer.at === undefined || timer.at > clock) return;
    process.timers[name] = rearmed(timer, clock);
    this.services.send(process, { signal, code: SI_KERNEL, process: 0, user: 0, value: 0 });
  }
}
