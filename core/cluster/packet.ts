/** What the network carries, and how stations are numbered for its total order. */
import type { Station } from "./protocol.ts";

/** One message on its way. */
export interface Packet<Body = unknown> {
  readonly from: Station;
  readonly to: Station;
  /** Size on the wire, headers included. */
  readonly bytes: number;
  readonly body: Body;
}

/** A packet that has arrived. */
export interface Delivery<Body = unknown> {
  /** Virtual time in ns. */
  readonly at: number;
  readonly packet: Packet<Body>;
}

/** The manager's number: it comes after every rank. */
const MANAGER = 2 ** 20;

/**
 * A station as a number: a rank is its own, and the manager comes after all.
 *
 * @throws {RangeError} for a rank that is no whole number from 0 to 2^20 - 1.
 */
export function stationNumber(station: Station): number {
  if (station === "manager") return MANAGER;
  if (Number.isInteger(station) && station >= 0 && station < MANAGER) return station;
  throw new RangeError(`expected a rank from 0 to ${MANAGER - 1} or 'manager', found ${station}`);
}

/** A directed channel as a number. */
export function channelNumber(from: Station, to: Station): number {
  return stationNumber(from) * 2 * MANAGER + stationNumber(to);
}

/** A copy of a packet that is in flight: handed over, neither arrived, lost nor discarded. */
export interface Flight<Body> {
  readonly packet: Packet<Body>;
  /** When it is sent, in ns. */
  readonly sentAt: number;
  /** Its number on its channel, from 0, in the order of sending; -1 before its time has come. */
  serial: number;
  /** How often it has been put on the wire; what is on its way from an earlier time is void. */
  sendings: number;
  /** Discarded: its frames may still go about, but it does not arrive. */
  discarded: boolean;
}

/** The order of what is in flight: by time of sending, then by channel, then as handed over. */
export function compareFlights(a: Flight<unknown>, b: Flight<unknown>): number {
  return a.sentAt - b.sentAt ||
    channelNumber(a.packet.from, a.packet.to) - channelNumber(b.packet.from, b.packet.to);
}
