// What the foundation's control endpoints answer.

export interface Rollout {
  guid: string;
  strategy: string;
  state: string;
  reason: string;
  error: string | null;
  step: number | null;
  weights: number[] | null;
  created_at: string;
  desired: number;
  ready: number;
  actions: ("cancel" | "continue")[];
}

export interface Process {
  guid: string;
  new: boolean;
  instances: string[];
}

export interface App {
  guid: string;
  name: string;
  space: string;
  organization: string;
  rollout: Rollout | null;
  processes: Process[];
}

export interface Faults {
  latency_ms: number;
  outage: boolean;
  cut: number;
  bad_gateway: number;
  rate_limit: number;
  proxy_rate_limit: number;
  server_error: number;
  refused_tokens: number;
}

export interface State {
  title: string;
  api: string;
  speed: number;
  traffic: boolean;
  faults: Faults;
  counts: { organizations: number; spaces: number; apps: number; deployments: number; active: number };
}

/** The bot's process as the page reports it. */
export interface Bot {
  state: "starting" | "running" | "exited";
  exit_code: number | null;
  pid: number | null;
  log: string[];
}
