import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";

import { ApiError } from "@/api/client";

import { makeRouter } from "./router";

const isWorthRetrying = (failures: number, error: Error) => failures < 2 && (!(error instanceof ApiError) || error.status >= 500 || error.status === 0);

const makeClient = () => new QueryClient({ defaultOptions: { queries: { retry: isWorthRetrying, retryDelay: 400, staleTime: 5_000, networkMode: "always" }, mutations: { networkMode: "always" } } });

export function Providers() {
  const [client] = useState(makeClient);
  const [router] = useState(() => makeRouter(client));
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
