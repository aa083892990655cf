/** How much one request, and all of them together, may take. */
export interface Limits {
  /** Of a JSON body, unpacked. */
  readonly jsonBytes: number;
  /** Of a body that is a list by itself, unpacked: captured events. */
  readonly listBytes: number;
  /** Of an uploaded file as it arrives. */
  readonly uploadBytes: number;
  /** How long the headers of a request may take to arrive. */
  readonly headersMs: number;
  /** How long a JSON body may take to arrive. */
  readonly jsonMs: number;
  /** How long an upload may pause. */
  readonly pauseMs: number;
  /** Requests that are answered at the same time. */
  readonly inFlight: number;
  /** Delay of the event loop from which on requests are turned away. */
  readonly loopDelayMs: number;
  /** Jobs that run at the same time. */
  readonly jobs: number;
  /** Delay of the event loop from which on jobs rest, so that requests go first; also where one of ten requests takes as long. */
  readonly jobsRestMs: number;
  /** Readers of live changes, and of how jobs go on, at the same time. */
  readonly eventClients: number;
  readonly uploads: {
    /** Unfinished at the same time. */
    readonly count: number;
    /** Of all of them together. */
    readonly bytes: number;
    /** Without a change. */
    readonly ageMs: number;
  };
  /** How long an Idempotency-Key is remembered, and how many are. */
  readonly keys: { readonly count: number; readonly ageMs: number };
  /** How long requests may go on after the server was told to stop. */
  readonly drainMs: number;
}

const HOUR_MS = 3_600_000;

/** Where nobody says otherwise. */
export const defaultLimits: Limits = {
  jsonBytes: 16_000_000,
  listBytes: 8_000_000,
  uploadBytes: 1e12,
  headersMs: 30_000,
  jsonMs: 60_000,
  pauseMs: 60_000,
  inFlight: 256,
  loopDelayMs: 250,
  jobs: 2,
  jobsRestMs: 20,
  eventClients: 100,
  uploads: { count: 100, bytes: 1e11, ageMs: 24 * HOUR_MS },
  keys: { count: 100_000, ageMs: 24 * HOUR_MS },
  drainMs: 25_000,
};
