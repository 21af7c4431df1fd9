/** A module that is all right, and takes a moment. */
import other from "./other_api.ts";

await new Promise((resolve) => setTimeout(resolve, 20));

export default { ...other, name: "late", api: "^1" };
