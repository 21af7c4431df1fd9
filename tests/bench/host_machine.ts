/** The machine the figures are from: without it they say nothing. */

/** What is told of a machine. */
export interface HostMachine {
  readonly os: string;
  readonly arch: string;
  /** Empty where the host does not tell. */
  readonly cpu: string;
  readonly processors: number;
  readonly deno: string;
  readonly v8: string;
  /** Empty where it is not installed. */
  readonly qemu: string;
}

function cpuModel(): string {
  try {
    const text = Deno.readTextFileSync("/proc/cpuinfo");
    return /^(?:model name|Model|cpu model)\s*:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function qemuVersion(): string {
  try {
    const { success, stdout } = new Deno.Command("qemu-sh4", {
      args: ["--version"],
      stderr: "null",
    }).outputSync();
    if (!success) return "";
    return /version ([\w.]+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The machine this runs on. */
export function hostMachine(): HostMachine {
  return {
    os: Deno.build.os,
    arch: Deno.build.arch,
    cpu: cpuModel(),
    processors: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    qemu: qemuVersion(),
  };
}

/** The machine in one line. */
export function machineLine({ os, arch, cpu, processors, deno, v8, qemu }: HostMachine): string {
  return [
    `${os} ${arch}`,
    cpu === "" ? "processor unknown" : cpu,
    `${processors} processors`,
    `Deno ${deno}`,
    `V8 ${v8}`,
    qemu === "" ? "no qemu-sh4" : `qemu-sh4 ${qemu}`,
  ].join(", ");
}
