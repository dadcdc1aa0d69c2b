import "@tanstack/react-query";

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: { isLive: (data: unknown) => boolean };
    defaultError: Error;
  }
}
