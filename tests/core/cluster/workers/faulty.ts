/** A Worker with a protocol that is broken: it throws what no protocol may throw. */
import { Registry, serveDomains } from "../../../../core/mod.ts";
import { checkpointers, protocols, workloads } from "../../../../plugins/mod.ts";
import { faulty } from "../faulty_protocol.ts";

serveDomains(new Registry(checkpointers, workloads, [...protocols, faulty]));
