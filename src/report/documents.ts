import { z } from 'zod'
import { SerinError } from '../errors/serin-error.ts'
import type { PreflightResult } from '../model/finding.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import { MESSAGES } from './message.ts'
import { EVENT_SCHEMA } from './ndjson.ts'
import { hostility } from './shape.ts'
import { snapshotMisfit } from './snapshot-shape.ts'

/**
 * The published JSON Schemas of what Serin writes, and the readers of the same documents. Objects of AWS and Kubernetes are open:
 * other tools write snapshots too, and members that Serin does not read are kept.
 */

const objects = z.array(z.looseObject({})).optional()
const reviews = z.array(z.looseObject({ verb: z.string(), group: z.string(), resource: z.string(), allowed: z.boolean() })).optional()

const snapshotSchema = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('ClusterSnapshot'),
  capturedAt: z.iso.datetime({ offset: true }).describe('When the pass began.'),
  sandbox: z
    .looseObject({ world: z.string(), seed: z.number(), scenarios: z.array(z.string()), assumptions: z.array(z.string()).optional() })
    .optional(),
  aws: z.looseObject({
    callerIdentity: z.looseObject({}).optional(),
    cluster: z.looseObject({}).optional(),
    addons: objects,
    addonVersions: objects,
    addonConfigurations: objects,
    nodegroups: objects,
    autoScalingGroups: objects,
    launchTemplateVersions: objects,
    subnets: objects,
    networkInterfaces: objects,
    instanceTypes: objects,
    insights: objects,
    updates: objects,
    quotas: objects,
    ssmParameters: objects,
    images: objects,
    instanceCounts: objects,
    instanceRefreshes: objects,
    subnetCidrReservations: objects,
    securityGroups: objects,
    alarms: objects,
    principals: z.array(z.looseObject({ Arn: z.string().optional(), uses: z.array(z.string()), evaluations: objects })).optional(),
  }),
  kubernetes: z.looseObject({
    items: z.array(z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })).optional(),
    accessReviews: reviews,
    awsNodeReviews: reviews,
    definitions: z.array(z.string()).optional(),
    server: z.looseObject({ endpoint: z.string(), certificateAuthorityData: z.string().optional() }).optional(),
    updateProbes: z.array(z.looseObject({ namespace: z.string(), pod: z.string(), accepted: z.boolean() })).optional(),
  }),
  logs: z.array(z.looseObject({ namespace: z.string(), pod: z.string(), container: z.string(), text: z.string() })).optional(),
  nodeLogs: z
    .array(z.looseObject({ node: z.string(), file: z.string(), text: z.string() }))
    .optional()
    .describe('Files on nodes, where a plan allows to read them.'),
  outside: z
    .array(z.looseObject({ subject: z.string(), answer: z.looseObject({ kind: z.string() }).optional() }))
    .optional()
    .describe('What Prometheus and others answered whom gates of the plan ask.'),
  unavailable: z
    .array(z.looseObject({ source: z.string(), reason: z.string() }))
    .optional()
    .describe('What could not be read; a check that needed it answers unknown.'),
})

const wayBack = z.looseObject({ exists: z.enum(['yes', 'disputed', 'none']), how: z.string() })

const step = z.looseObject({
  kind: z.string(),
  id: z.string(),
  title: z.string(),
  timeout: z.number().describe('Milliseconds.'),
  wayBack,
  forecast: z.looseObject({
    expected: z.number(),
    back: z.number(),
    exposed: z.looseObject({ nodes: z.number(), pods: z.number(), minutes: z.number() }),
  }),
})

const batch = z.looseObject({
  id: z.string(),
  phase: z.enum(['addon', 'control-plane', 'canary', 'wave', 'back']),
  title: z.string(),
  steps: z.array(step),
  gates: z.array(z.looseObject({ kind: z.string() })),
  soak: z.number().describe('Milliseconds that must be seen passing.'),
})

const span = z.looseObject({
  p50: z.number().describe('Milliseconds, as it usually goes.'),
  p90: z.number().describe('Nine of ten are faster.'),
})

const groupForecast = z.looseObject({
  group: z.string(),
  nodes: z.int(),
  takes: span,
  perNode: span,
  slowest: z.looseObject({ node: z.string(), takes: z.number() }).optional(),
})

const runForecast = z
  .looseObject({
    takes: span,
    stages: z.array(
      z.looseObject({
        id: z.string().describe('The id of the batch.'),
        from: z.number().describe('After the first command of the run.'),
        steps: span,
        gates: z.number(),
        soak: z.number(),
        groups: z.array(groupForecast),
      }),
    ),
    blockers: z.array(
      z.looseObject({
        stage: z.string(),
        group: z.string(),
        node: z.string(),
        pod: z.string(),
        owner: z.string(),
        budgets: z.array(z.string()),
        minute: z.number(),
        seen: z.int().describe('In how many of the rehearsals.'),
      }),
    ),
    unplaced: z.array(z.looseObject({ owner: z.string(), pods: z.int(), because: z.string() })),
    disruptions: z.array(z.looseObject({ owner: z.string(), evictions: z.int() })),
    addresses: z.array(
      z.looseObject({
        subnet: z.string(),
        zone: z.string(),
        free: z.int(),
        peak: z.looseObject({ usual: z.int(), worst: z.int() }),
        stage: z.string().optional(),
        dry: z.string().optional().describe('The batch in which a new node or a pod would get no address.'),
      }),
    ),
    rehearsals: z.int(),
  })
  .describe('How the run would go, rehearsed on the snapshot; no part of the digest.')

const itinerarySchema = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Itinerary'),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  decisionFacts: z.looseObject({}),
  plan: z.string(),
  source: z.looseObject({ plan: z.looseObject({}), intent: z.looseObject({}), file: z.string().optional() }),
  tool: z.string(),
  madeFrom: z.looseObject({ capturedAt: z.string() }),
  cluster: z.looseObject({ name: z.string(), region: z.string(), accountId: z.string(), minor: z.string() }),
  batches: z.array(batch),
  baseline: z.looseObject({ addons: z.looseObject({}), groups: z.looseObject({}) }),
  rollback: z.looseObject({}),
  waivers: z.array(z.looseObject({})),
  notify: z.array(z.looseObject({})),
  untouched: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
  pointsOfNoReturn: z.array(z.string()),
  forecast: z.looseObject({
    expected: z.number().describe('Milliseconds, gates and soaks included.'),
    declaredWaits: z.number(),
    run: runForecast.optional(),
  }),
})

const types = Object.keys(MESSAGES) as [string, ...string[]]
const codes = Object.values(MESSAGES).map((row) => row.code) as [string, ...string[]]

const eventSchema = z.union([
  z.looseObject({ schema: z.literal(EVENT_SCHEMA), tool: z.string(), plan: z.string(), cluster: z.string() }).describe('The first line.'),
  z
    .looseObject({
      sequence: z.int().positive().describe('1, 2, 3 … without gaps within a run.'),
      at: z.iso.datetime(),
      type: z.enum(types),
      code: z.enum(codes),
      level: z.enum(['debug', 'info', 'warn', 'error']),
      message: z.string().describe('For people; may change.'),
      event: z.looseObject({ type: z.enum(types) }),
    })
    .describe('Every further line.'),
])

const finding = z.looseObject({
  code: z.string(),
  verdict: z.enum(['pass', 'warn', 'block', 'unknown']),
  subject: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  wouldBlock: z.boolean().optional().describe('Of an unknown: its check may block, so the run stops.'),
  waivedBy: z.looseObject({ owner: z.string(), reason: z.string(), expires: z.string() }).optional(),
})

const preflightSchema = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('PreflightResult'),
  plan: z.string(),
  cluster: z.string(),
  evaluatedAt: z.iso.datetime(),
  findings: z.array(finding),
  verdict: z.enum(['clear', 'blocked', 'inconclusive']),
  exit: z.int().describe('0 clear, 10 blocked, 11 inconclusive.'),
  since: z
    .looseObject({ evaluatedAt: z.iso.datetime(), same: z.int(), gone: z.array(finding) })
    .optional()
    .describe('Set where the findings are only those that changed against an earlier result.'),
})

const DOCUMENTS = { snapshot: snapshotSchema, itinerary: itinerarySchema, preflight: preflightSchema, events: eventSchema } as const

export type DocumentName = keyof typeof DOCUMENTS

/** The JSON Schema of a document. Members are only ever added. */
export function documentSchema(name: DocumentName): object {
  return z.toJSONSchema(DOCUMENTS[name], { target: 'draft-2020-12' })
}

/** Reads a snapshot. Throws SerinError DOCUMENT_INVALID; what it returns is the value as it was read, not a copy. */
export function parseSnapshot(text: string, file: string): ClusterSnapshot {
  const value = jsonOf(text, file, 'snapshot')
  const bad = hostility(value)
  if (bad !== undefined) throw new SerinError('DOCUMENT_INVALID', `${file} is not a snapshot: ${bad}.`)
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown }
  if (kind !== 'ClusterSnapshot' && Array.isArray(items))
    throw new SerinError(
      'DOCUMENT_INVALID',
      `${file} is not a snapshot but a list of objects, as kubectl prints it; serin snapshot writes one.`,
    )
  parsedValue(value, file, 'snapshot')
  const snapshot = value as ClusterSnapshot
  const odd = snapshotMisfit(snapshot)
  if (odd !== undefined) throw new SerinError('DOCUMENT_INVALID', `${file} is not a snapshot.`, { problems: [odd] })
  return snapshot
}

/** Reads an itinerary. Throws SerinError DOCUMENT_INVALID. */
export function parseItinerary(text: string, file: string): Itinerary {
  return parsed(text, file, 'itinerary') as unknown as Itinerary
}

/** Reads what a pre-flight said. Throws SerinError DOCUMENT_INVALID, also for one that tells only what changed. */
export function parsePreflight(text: string, file: string): PreflightResult {
  const result = parsed(text, file, 'preflight') as unknown as PreflightResult
  if (result.since === undefined) return result
  throw new SerinError('DOCUMENT_INVALID', `${file} tells only what changed since ${result.since.evaluatedAt}, not all findings.`)
}

function parsed(text: string, file: string, name: 'itinerary' | 'preflight'): unknown {
  return parsedValue(jsonOf(text, file, name), file, name)
}

function parsedValue(value: unknown, file: string, name: 'snapshot' | 'itinerary' | 'preflight'): unknown {
  const result = DOCUMENTS[name].safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, 20).map((issue) => `${issue.path.join('.') || 'the document'}: ${issue.message}`)
  throw new SerinError('DOCUMENT_INVALID', `${file} is not a ${name}.`, { problems }, result.error)
}

/** Windows writes a mark before UTF-8. */
const BYTE_ORDER_MARK = /^\uFEFF/

function jsonOf(text: string, file: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''))
  } catch (error) {
    throw new SerinError('DOCUMENT_INVALID', `${file} is not a ${name}: ${whyNotJson(text)}.`, {}, error)
  }
}

/** What a file is that is not JSON, by how it begins and ends. */
function whyNotJson(text: string): string {
  const [start, end] = [text.slice(0, 200).trimStart(), text.slice(-200).trimEnd()]
  if (start === '') return 'it is empty'
  if (text.startsWith('\u001F\uFFFD')) return 'it is compressed; unpack it with gunzip first'
  if (start.startsWith('<')) return 'it is a page of HTML, perhaps one that asks to sign in'
  if (start.includes('\0') || start.includes('\uFFFD')) return 'it is not text in UTF-8'
  if (/^[{[]/.test(start) && !/[}\]]$/.test(end)) return 'it ends in the middle; write or copy it again'
  return 'it is not JSON'
}
