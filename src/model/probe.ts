import type { Instant, Millis } from './instant.ts'
import type { Taint } from './kubernetes.ts'

/** A short-lived pod of Serin's that looks at the network from inside. Plain JSON: it stands in the journal as part of its command. */
export interface ProbeSpec {
  /** Name of its Job; derived from run, batch, node and role. */
  readonly name: string
  readonly run: string
  readonly batch: string
  readonly gate: string
  readonly namespace: string
  readonly image: string
  /** Name of the node it is for. */
  readonly node: string
  readonly zone?: string
  /**
   * A responder waits to be reached; `control` on an untouched node and `subject` on a changed one try the checks. A `log-reader`
   * prints the log of ipamd, which is a file on its node.
   */
  readonly role: 'responder' | 'control' | 'subject' | 'log-reader'
  /** Counts how often its batch was begun anew. */
  readonly epoch: number
  /** Which try this is, from 1. */
  readonly attempt: number
  /** Labels by which a SecurityGroupPolicy selects it: it shall get an interface of its own. */
  readonly branch?: Readonly<Record<string, string>>
  /** Taints of its node that it tolerates. */
  readonly taints: readonly Taint[]
  readonly checks: readonly ProbeCheck[]
  /** The checks are tried a second time so long after the first. */
  readonly lasting: Millis
  /** How long it may run at most. */
  readonly deadline: Millis
}

/** One thing to try from inside a pod. */
export interface ProbeCheck {
  /** `dns`, `api`, `pod/eu-central-1a`, `sts.amazonaws.com:443`: what worked on untouched nodes is demanded by this name. */
  readonly id: string
  readonly how: 'resolve' | 'tls' | 'connect'
  /** A name, or a host with its port. */
  readonly target: string
}

/** Where the probes of a gate run, with what image; `branch`: in which labels. */
export interface ProbePlace {
  readonly namespace: string
  readonly image: string
  readonly branch?: Readonly<Record<string, string>>
}

/** A probe's pod as it stands in the cluster. */
export interface ProbeFacts {
  /** Name of its Job. */
  readonly name: string
  readonly run: string
  readonly pod: string
  readonly deleting: boolean
  /** Why the scheduler found no place for it; undefined once it is bound. */
  readonly unscheduled?: { readonly since: Instant; readonly message: string }
  readonly boundAt?: Instant
  readonly address?: string
  /** Whether the resource controller gave it an interface of its own. */
  readonly hasBranch: boolean
  readonly running: boolean
  /** How its container ended: what it wrote, or why it could not. */
  readonly ended?: { readonly code: number; readonly message: string; readonly reason?: string }
}

/** What a probe told, for good. */
export type ProbeReport =
  /** It ran. */
  | { readonly kind: 'told'; readonly results: readonly ProbeResult[]; readonly at: Instant }
  /** It got no address, and the CNI is why. */
  | { readonly kind: 'no-address'; readonly says: string; readonly at: Instant }
  /** It can tell nothing: refused, without a place, without its image, ended from outside. */
  | { readonly kind: 'unusable'; readonly says: string; readonly at: Instant }
  /** It went before anybody looked: nobody drove the run, or somebody removed it. */
  | { readonly kind: 'lost'; readonly says: string; readonly at: Instant }

export interface ProbeResult {
  readonly id: string
  readonly outcome: 'works' | 'fails' | 'unknown'
  readonly says: string
}

/** A probe as a gate sees it: what was asked for, what became of it. */
export interface ProbeState {
  readonly spec: ProbeSpec
  readonly intendedAt: Instant
  /** The API server's words, when it refused to make it. */
  readonly refused?: string
  readonly live?: ProbeFacts
  readonly report?: ProbeReport
}

export const PROBE_LABELS = { run: 'serin.dev/run', role: 'serin.dev/probe' } as const
/** Where ipamd writes by default: `AWS_VPC_K8S_CNI_LOG_FILE` in README.md of https://github.com/aws/amazon-vpc-cni-k8s. */
export const NODE_LOG = { folder: '/var/log/aws-routed-eni', file: '/var/log/aws-routed-eni/ipamd.log' } as const
/** How much of the end of that log is read. */
export const NODE_LOG_LINES = 1_000
/** The container of a probe's pod. */
export const PROBE_CONTAINER = 'probe'
/** Where responders listen. */
export const PROBE_PORT = 8080
