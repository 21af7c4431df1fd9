/** System calls on who a process is and what it may use. */
import { type Credentials, type Limit, RESOURCES } from "../credentials.ts";
import { Refusal } from "../errno.ts";
import { LARGEST_STACK } from "../spawn.ts";
import { syscall, type SystemCall } from "../syscall.ts";
import { demand, type Task } from "../task.ts";
import { Layout } from "./structures.ts";

const UTS_FIELD = 65;

/** struct utsname: what a program may learn of its machine. */
function uname(task: Task, buffer: number): number {
  const layout = new Layout(6 * UTS_FIELD);
  const fields = ["Linux", task.process.endpoint.nodeName, "6.1.0", "#1 ckptlab", "sh4", "(none)"];
  for (const field of fields) layout.text(field, UTS_FIELD);
  task.memory.write(buffer, layout.bytes);
  return 0;
}

function systemInfo(task: Task, buffer: number): number {
  const { memoryBytes, freeBytes } = task.kernel;
  const processes = [...task.kernel.processes()].length;
  const layout = new Layout(64).word(task.time.seconds).skip(12)
    .word(memoryBytes).word(freeBytes).skip(16).half(processes).skip(2).skip(8).word(1);
  task.memory.write(buffer, layout.bytes);
  return 0;
}

const NO_LIMIT_32 = 0xffffffff;

const limitWord = (value: number): number => Math.min(value, NO_LIMIT_32);
const limitValue = (word: number): number => word === NO_LIMIT_32 ? Infinity : word;

function resourceOf(number: number): (typeof RESOURCES)[number] {
  const resource = RESOURCES[number];
  if (resource === undefined) throw new Refusal("EINVAL");
  return resource;
}

function setLimit(task: Task, number: number, limit: Limit): void {
  const resource = resourceOf(number);
  demand(limit.soft <= limit.hard, "EINVAL");
  const { limits, files, space } = task.process;
  limits[resource] = limit;
  if (resource === "openFiles") files.limit = Math.min(limit.soft, 2 ** 20);
  if (resource === "stack") space.stackLimit = Math.min(limit.soft, LARGEST_STACK);
}

function getLimit32(task: Task, number: number, at: number): number {
  const { soft, hard } = task.process.limits[resourceOf(number)];
  task.memory.writeWords(at, [limitWord(soft), limitWord(hard)]);
  return 0;
}

function limit64Bytes({ soft, hard }: Limit): Uint8Array {
  const layout = new Layout(16);
  for (const value of [soft, hard]) {
    if (value === Infinity) layout.word(NO_LIMIT_32).word(NO_LIMIT_32);
    else layout.long(value);
  }
  return layout.bytes;
}

function readLimit64(task: Task, at: number): Limit {
  const view = task.memory.view(at, 16);
  const value = (offset: number): number => {
    const high = view.getUint32(offset + 4, true);
    return high === NO_LIMIT_32 ? Infinity : high * 2 ** 32 + view.getUint32(offset, true);
  };
  return { soft: value(0), hard: value(8) };
}

function limits64(task: Task, process: number, number: number, set: number, old: number): number {
  demand(process === 0 || process === task.process.id, "ESRCH");
  const before = limit64Bytes(task.process.limits[resourceOf(number)]);
  if (set !== 0) setLimit(task, number, readLimit64(task, set));
  if (old !== 0) task.memory.write(old, before);
  return 0;
}

type Who = "user" | "group";

/** setreuid and setresuid: -1 leaves a number as it is. */
function setIds(
  credentials: Credentials,
  who: Who,
  real: number,
  effective: number,
  saved: number,
): number {
  const ids = credentials as Record<keyof Omit<Credentials, "groups">, number>;
  const names = who === "user"
    ? (["userId", "effectiveUserId", "savedUserId"] as const)
    : (["groupId", "effectiveGroupId", "savedGroupId"] as const);
  const allowed = credentials.effectiveUserId === 0;
  const known = names.map((name) => ids[name]);
  for (const [index, id] of [real, effective, saved].entries()) {
    const name = names[index];
    if (id === -1 || name === undefined) continue;
    demand(allowed || known.includes(id), "EPERM");
    ids[name] = id;
  }
  return 0;
}

function groups(task: Task, size: number, list: number): number {
  const { groups } = task.process.credentials;
  if (size === 0) return groups.length;
  demand(size >= groups.length, "EINVAL");
  task.memory.writeWords(list, groups);
  return groups.length;
}

function setGroups(task: Task, size: number, list: number): number {
  const { credentials } = task.process;
  demand(credentials.effectiveUserId === 0, "EPERM");
  demand(size >= 0 && size <= 65536, "EINVAL");
  const view = task.memory.view(list, 4 * size);
  credentials.groups = Array.from({ length: size }, (_, i) => view.getUint32(4 * i, true));
  return 0;
}

function groupOf(task: Task, id: number): number {
  const process = id === 0 ? task.process : task.kernel.process(id);
  if (process === undefined) throw new Refusal("ESRCH");
  return process.group;
}

function setGroup(task: Task, id: number, group: number): number {
  const process = id === 0 ? task.process : task.kernel.process(id);
  if (process === undefined) throw new Refusal("ESRCH");
  demand(group >= 0, "EINVAL");
  process.group = group === 0 ? process.id : group;
  return 0;
}

const who = (task: Task): Credentials => task.process.credentials;

/** Rows that answer one number of the caller's identity: SH keeps the 16-bit calls beside. */
const GETTERS: readonly SystemCall[] = [
  syscall(20, "getpid()", (task) => task.process.id),
  syscall(24, "getuid()", (task) => who(task).userId),
  syscall(47, "getgid()", (task) => who(task).groupId),
  syscall(49, "geteuid()", (task) => who(task).effectiveUserId),
  syscall(50, "getegid()", (task) => who(task).effectiveGroupId),
  syscall(64, "getppid()", (task) => task.process.parent),
  syscall(65, "getpgrp()", (task) => task.process.group),
  syscall(132, "getpgid(process:int)", (task, { process }) => groupOf(task, process)),
  syscall(147, "getsid(process:int)", (task, { process }) => {
    const found = process === 0 ? task.process : task.kernel.process(process);
    if (found === undefined) throw new Refusal("ESRCH");
    return found.session;
  }),
  syscall(199, "getuid32()", (task) => who(task).userId),
  syscall(200, "getgid32()", (task) => who(task).groupId),
  syscall(201, "geteuid32()", (task) => who(task).effectiveUserId),
  syscall(202, "getegid32()", (task) => who(task).effectiveGroupId),
  syscall(
    205,
    "getgroups32(size:int, list:ptr)",
    (task, { size, list }) => groups(task, size, list),
  ),
  syscall(209, "getresuid32(real:ptr, effective:ptr, saved:ptr)", (task, args) => {
    task.memory.writeWords(args.real, [who(task).userId]);
    task.memory.writeWords(args.effective, [who(task).effectiveUserId]);
    task.memory.writeWords(args.saved, [who(task).savedUserId]);
    return 0;
  }),
  syscall(211, "getresgid32(real:ptr, effective:ptr, saved:ptr)", (task, args) => {
    task.memory.writeWords(args.real, [who(task).groupId]);
    task.memory.writeWords(args.effective, [who(task).effectiveGroupId]);
    task.memory.writeWords(args.saved, [who(task).savedGroupId]);
    return 0;
  }),
  syscall(224, "gettid()", (task) => task.thread.id),
];

/** Rows that change it. */
const SETTERS: readonly SystemCall[] = [
  syscall(
    57,
    "setpgid(process:int, group:int)",
    (task, { process, group }) => setGroup(task, process, group),
  ),
  syscall(66, "setsid()", (task) => {
    const { process } = task;
    return process.session = process.group = process.id;
  }),
  syscall(
    203,
    "setreuid32(real:int, effective:int)",
    (task, { real, effective }) => setIds(who(task), "user", real, effective, -1),
  ),
  syscall(
    204,
    "setregid32(real:int, effective:int)",
    (task, { real, effective }) => setIds(who(task), "group", real, effective, -1),
  ),
  syscall(
    206,
    "setgroups32(size:int, list:ptr)",
    (task, { size, list }) => setGroups(task, size, list),
  ),
  syscall(
    208,
    "setresuid32(real:int, effective:int, saved:int)",
    (task, { real, effective, saved }) => setIds(who(task), "user", real, effective, saved),
  ),
  syscall(
    210,
    "setresgid32(real:int, effective:int, saved:int)",
    (task, { real, effective, saved }) => setIds(who(task), "group", real, effective, saved),
  ),
  syscall(213, "setuid32(id:int)", (task, { id }) => {
    const all = who(task).effectiveUserId === 0 ? id : -1;
    return setIds(who(task), "user", all, id, all);
  }),
  syscall(214, "setgid32(id:int)", (task, { id }) => {
    const all = who(task).effectiveUserId === 0 ? id : -1;
    return setIds(who(task), "group", all, id, all);
  }),
];

/** Rows on the system and on limits. */
const SYSTEM: readonly SystemCall[] = [
  syscall(75, "setrlimit(resource:int, limit:ptr)", (task, { resource, limit }) => {
    const view = task.memory.view(limit, 8);
    const [soft, hard] = [view.getUint32(0, true), view.getUint32(4, true)];
    setLimit(task, resource, { soft: limitValue(soft), hard: limitValue(hard) });
    return 0;
  }),
  syscall(
    76,
    "getrlimit(resource:int, limit:ptr)",
    (task, { resource, limit }) => getLimit32(task, resource, limit),
  ),
  syscall(116, "sysinfo(buffer:ptr)", (task, { buffer }) => systemInfo(task, buffer)),
  syscall(122, "uname(buffer:ptr)", (task, { buffer }) => uname(task, buffer)),
  syscall(136, "personality(persona:flags)", () => 0),
  syscall(
    191,
    "ugetrlimit(resource:int, limit:ptr)",
    (task, { resource, limit }) => getLimit32(task, resource, limit),
  ),
  syscall(
    339,
    "prlimit64(process:int, resource:int, set:ptr, old:ptr)",
    (task, { process, resource, set, old }) => limits64(task, process, resource, set, old),
  ),
];

/** Rows on identity. */
export const IDENTITY_CALLS: readonly SystemCall[] = [...GETTERS, ...SETTERS, ...SYSTEM];
