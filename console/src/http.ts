// Requests to the server that the page came from; the cookie of the printed address lets them in.

export class RefusedError extends Error {}

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(path, { method, ...sent });
  const answer: unknown = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) {
    const { error, detail } = answer as { error?: string; detail?: string };
    throw new RefusedError(detail ?? error ?? `the demo answered ${response.status}`);
  }
  return answer as T;
}

export function reason(problem: unknown): string {
  return problem instanceof RefusedError ? problem.message : "The demo can't be reached. Is it still running?";
}
