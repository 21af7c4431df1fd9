/** A Worker that begins well and never answers a call. */
self.onmessage = () => {};

export {};
