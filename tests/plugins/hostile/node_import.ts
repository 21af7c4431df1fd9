/** Looks at the host by a module of node. */
import { hostname } from "node:os";

export const nowhere = hostname() === "" ? "nowhere" : "somewhere";
