/** A Worker that begins well and never answers a call. */
addEventListener("message", () => {});

export {};
