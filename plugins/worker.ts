/** The module of a Worker: it houses processes, and knows the built-in strategies by name. */
import { Registry, serveDomains } from "../core/mod.ts";
import { checkpointers, protocols, workloads } from "./mod.ts";

serveDomains(new Registry(checkpointers, workloads, protocols));
