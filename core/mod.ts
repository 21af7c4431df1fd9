/** All of core that plugins, the language and embedders may use. */
export * from "./base/bits.ts";
export * from "./base/option.ts";
export * from "./cluster/profile.ts";
export * from "./image/account.ts";
export * from "./image/checkpointer.ts";
export * from "./image/image.ts";
export * from "./lab/lab.ts";
export * from "./lab/metric.ts";
