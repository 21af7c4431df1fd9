/** System calls on time: all of it follows from the machine's cycles. */
import { Refusal } from "../errno.ts";
import type { IntervalTimer, IntervalTimers } from "../process.ts";
import { CLOCK_TICKS } from "../program_start.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { Block, demand, type Outcome, type Task } from "../task.ts";
import { cyclesOf, EPOCH_SECONDS, timeOf, timeOfDay, type Timespec } from "../virtual_clock.ts";
import {
  isTime,
  Layout,
  microsecondBytes,
  readMicroseconds,
  readTime,
  timeBytes,
} from "./structures.ts";

/** Which clock a number names. */
const CLOCKS: readonly (string | undefined)[] = [
  "realtime",
  "monotonic",
  "process",
  "thread",
  "monotonic",
  "realtime",
  "monotonic",
  "monotonic",
  "realtime",
  "monotonic",
  undefined,
  "realtime",
];

function clockName(task: Task, clock: number): string {
  if (clock >= 0) {
    const name = CLOCKS[clock];
    if (name === undefined) throw new Refusal("EINVAL");
    return name;
  }
  const owner = ~(clock >> 3); // clock_getcpuclockid: the number holds a process, 0 for this one
  demand(owner === 0 || owner === task.process.id || owner === task.thread.id, "EINVAL");
  return (clock & 4) === 0 ? "process" : "thread";
}

function readClock(task: Task, clock: number): Timespec {
  const name = clockName(task, clock);
  if (name === "realtime") return timeOfDay(task.time);
  if (name === "monotonic") return task.time;
  const cycles = name === "process" ? task.process.cycles : task.thread.cycles;
  return timeOf(cycles, task.kernel.clockHz);
}

function getTime(task: Task, clock: number, at: number, bits: 32 | 64): number {
  task.memory.write(at, timeBytes(readClock(task, clock), bits));
  return 0;
}

function resolution(task: Task, clock: number, at: number, bits: 32 | 64): number {
  clockName(task, clock);
  const nanoseconds = Math.max(1, Math.ceil(1e9 / task.kernel.clockHz));
  if (at !== 0) task.memory.write(at, timeBytes({ seconds: 0, nanoseconds }, bits));
  return 0;
}

/** Sleeps until a deadline; an interrupted sleep says what is left. */
function sleepUntil(task: Task, deadline: number, rest: number, bits: 32 | 64): Outcome {
  if (task.isOver(deadline)) return 0;
  if (task.interrupted && rest !== 0) {
    const left = timeOf(deadline - task.kernel.now, task.kernel.clockHz);
    task.memory.write(rest, timeBytes(left, bits));
  }
  return new Block([], { until: deadline, restarts: false });
}

function sleep(task: Task, time: Timespec | undefined, rest: number, bits: 32 | 64): Outcome {
  if (time === undefined) throw new Refusal("EFAULT");
  demand(isTime(time), "EINVAL");
  return sleepUntil(task, task.deadlineAfter(time) ?? 0, rest, bits);
}

const TIMER_ABSTIME = 1;

interface SleepArguments {
  readonly clock: number;
  readonly flags: number;
  readonly time: number;
  readonly rest: number;
}

function clockSleep(task: Task, args: SleepArguments, bits: 32 | 64): Outcome {
  const name = clockName(task, args.clock);
  demand(name === "realtime" || name === "monotonic", "EOPNOTSUPP");
  const time = readTime(task.memory, args.time, bits);
  if ((args.flags & TIMER_ABSTIME) === 0) return sleep(task, time, args.rest, bits);
  if (time === undefined) throw new Refusal("EFAULT");
  demand(isTime(time), "EINVAL");
  const seconds = name === "realtime" ? time.seconds - EPOCH_SECONDS : time.seconds;
  return sleepUntil(task, task.deadlineAt({ ...time, seconds }), 0, bits);
}

const ticks = (cycles: number, clockHz: number): number =>
  Math.floor((cycles / clockHz) * CLOCK_TICKS);

function times(task: Task, at: number): number {
  const { clockHz } = task.kernel;
  if (at !== 0) task.memory.writeWords(at, [ticks(task.process.cycles, clockHz), 0, 0, 0]);
  return ticks(task.clock, clockHz) | 0;
}

/** struct rusage: all time counts as the user's. */
function usage(task: Task, who: number, at: number): number {
  demand(who >= -1 && who <= 1, "EINVAL");
  const { space, cycles } = task.process;
  const own = who === -1 ? undefined : who === 0 ? cycles : task.thread.cycles;
  const layout = new Layout(72);
  layout.bytes.set(microsecondBytes(timeOf(own ?? 0, task.kernel.clockHz)));
  layout.skip(16);
  if (own !== undefined) layout.word(4 * space.table.count).skip(12).word(space.touched);
  task.memory.write(at, layout.bytes);
  return 0;
}

const TIMER_NAMES: readonly (keyof IntervalTimers)[] = ["real", "virtual", "profile"];

function timerName(which: number): keyof IntervalTimers {
  const name = TIMER_NAMES[which];
  if (name === undefined) throw new Refusal("EINVAL");
  return name;
}

/** The clock a timer counts on. */
const timerClock = (task: Task, name: keyof IntervalTimers): number =>
  name === "real" ? task.kernel.now : task.process.cycles;

function timerBytes(task: Task, name: keyof IntervalTimers): Uint8Array {
  const { at, interval } = task.process.timers[name];
  const left = at === undefined ? 0 : Math.max(1, at - timerClock(task, name));
  const bytes = new Uint8Array(16);
  bytes.set(microsecondBytes(timeOf(interval, task.kernel.clockHz)));
  bytes.set(microsecondBytes(timeOf(left, task.kernel.clockHz)), 8);
  return bytes;
}

function setTimer(task: Task, which: number, value: number, old: number): number {
  const name = timerName(which);
  const before = timerBytes(task, name);
  if (value !== 0) {
    const interval = readMicroseconds(task.memory, value);
    const first = readMicroseconds(task.memory, value + 8);
    if (interval === undefined || first === undefined) throw new Refusal("EFAULT");
    demand(isTime(interval) && isTime(first), "EINVAL");
    const cycles = cyclesOf(first, task.kernel.clockHz);
    const timer: IntervalTimer = {
      at: cycles === 0 ? undefined : timerClock(task, name) + cycles,
      interval: cyclesOf(interval, task.kernel.clockHz),
    };
    task.process.timers[name] = timer;
  }
  if (old !== 0) task.memory.write(old, before);
  return 0;
}

function alarm(task: Task, seconds: number): number {
  const { now, clockHz } = task.kernel;
  const { at } = task.process.timers.real;
  const left = at === undefined ? 0 : Math.ceil((at - now) / clockHz);
  const next = seconds === 0 ? undefined : now + seconds * clockHz;
  task.process.timers.real = { at: next, interval: 0 };
  return left;
}

/** Rows on time. */
export const TIME_CALLS: readonly SystemCall[] = [
  syscall(13, "time(result:ptr)", (task, { result }) => {
    const { seconds } = timeOfDay(task.time);
    if (result !== 0) task.memory.writeWords(result, [seconds]);
    return seconds;
  }),
  syscall(27, "alarm(seconds:size)", (task, { seconds }) => alarm(task, seconds)),
  syscall(43, "times(buffer:ptr)", (task, { buffer }) => times(task, buffer)),
  syscall(
    77,
    "getrusage(who:int, buffer:ptr)",
    (task, { who, buffer }) => usage(task, who, buffer),
  ),
  syscall(78, "gettimeofday(time:ptr, zone:ptr)", (task, { time, zone }) => {
    if (time !== 0) task.memory.write(time, microsecondBytes(timeOfDay(task.time)));
    if (zone !== 0) task.memory.writeWords(zone, [0, 0]);
    return 0;
  }),
  syscall(79, "settimeofday(time:ptr, zone:ptr)", () => {
    throw new Refusal("EPERM"); // virtual time is nobody's to set
  }),
  syscall(
    104,
    "setitimer(which:int, value:ptr, old:ptr)",
    (task, { which, value, old }) => setTimer(task, which, value, old),
  ),
  syscall(105, "getitimer(which:int, value:ptr)", (task, { which, value }) => {
    task.memory.write(value, timerBytes(task, timerName(which)));
    return 0;
  }),
  syscall(
    162,
    "nanosleep(time:ptr, rest:ptr)",
    (task, { time, rest }) => sleep(task, readTime(task.memory, time, 32), rest, 32),
  ),
  syscall(264, "clock_settime(clock:int, time:ptr)", () => {
    throw new Refusal("EPERM");
  }),
  syscall(
    265,
    "clock_gettime(clock:int, time:ptr)",
    (task, { clock, time }) => getTime(task, clock, time, 32),
  ),
  syscall(
    266,
    "clock_getres(clock:int, time:ptr)",
    (task, { clock, time }) => resolution(task, clock, time, 32),
  ),
  syscall(
    267,
    "clock_nanosleep(clock:int, flags:flags, time:ptr, rest:ptr)",
    (task, args) => clockSleep(task, args, 32),
  ),
  syscall(
    403,
    "clock_gettime64(clock:int, time:ptr)",
    (task, { clock, time }) => getTime(task, clock, time, 64),
  ),
  syscall(404, "clock_settime64(clock:int, time:ptr)", () => {
    throw new Refusal("EPERM");
  }),
  syscall(
    406,
    "clock_getres_time64(clock:int, time:ptr)",
    (task, { clock, time }) => resolution(task, clock, time, 64),
  ),
  syscall(
    407,
    "clock_nanosleep_time64(clock:int, flags:flags, time:ptr, rest:ptr)",
    (task, args) => clockSleep(task, args, 64),
  ),
];
