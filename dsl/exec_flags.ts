/** What the two ways to run `exec` read alike. */
import { type Given, UsageError, withMeant } from "./flags.ts";
import type { Host } from "./host.ts";
import { findNamed, namesOf, type Role } from "./vocabulary.ts";

/** A registered name however it is written: with - or _, or an alias. */
export function strategyName(given: Given, role: Role, host: Host): string | undefined {
  const asked = given.text(role);
  if (asked === undefined) return undefined;
  const row = findNamed(host.vocabulary, role, asked.replaceAll("-", "_"));
  if (row !== undefined) return row.name;
  const message = `there is no ${role} '${asked}'`;
  throw new UsageError(withMeant(message, asked, namesOf(host.vocabulary, role)));
}

/** A field that is only there when it has a value. */
export const optional = <K extends string, V>(key: K, value: V | undefined): { [_ in K]?: V } =>
  value === undefined ? {} : { [key]: value } as { [_ in K]: V };

/** Whether a place is in the network and not in the file system. */
export const isNetwork = (place: string): boolean => /^rediss?:\/\//.test(place);
