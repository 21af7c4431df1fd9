/** A module that goes past the guard: what it imports imports a module of node. */
import { nowhere } from "./node_import.ts";
import other from "./other_api.ts";

export default { ...other, name: nowhere, api: "^1" };
