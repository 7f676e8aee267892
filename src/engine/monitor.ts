import { diagnose } from '../diagnosis/diagnose.ts'
import { isSerinError } from '../errors/serin-error.ts'
import { type Instant, MINUTE, type Millis } from '../model/instant.ts'
import type { MonitorReading } from '../model/monitor.ts'
import type { SubnetFacts } from '../model/seen.ts'
import type { RunPorts } from '../ports/ports.ts'
import { captureSnapshot } from './capture.ts'
import { subnetFacts } from './facts/aws.ts'
import { createTrends, readingOf, showsTrouble } from './monitoring/reading.ts'
import { openObserver } from './observe.ts'

export interface MonitorOptions {
  readonly ports: RunPorts
  readonly cluster: string
  readonly every: Millis
  readonly stop: AbortSignal
  /** Told of every reading. */
  readonly publish: (reading: MonitorReading) => void
  /** Told why there was none: an API server that restarts is no end. */
  readonly trouble: (reason: string) => void
}

/** A snapshot for a diagnosis costs many calls; while something is wrong it is taken this often. */
const DIAGNOSE_EVERY: Millis = 5 * MINUTE
const SUBNETS_EVERY: Millis = MINUTE
const NOTHING_MORE = { groups: [], addons: [], updates: [], logsOf: [] } as const

/** Looks at a cluster until it is stopped. What cannot be read now is asked again; only a defect is thrown. */
export async function monitor(options: MonitorOptions): Promise<void> {
  const { ports, cluster, every, stop } = options
  const observer = openObserver(ports, cluster)
  const look = createLook(options, observer)
  try {
    while (!stop.aborted) {
      try {
        options.publish(await look())
      } catch (error) {
        if (!isSerinError(error)) throw error
        options.trouble(error.message)
      }
      await ports.clock.sleepUntil(ports.clock.now() + every, stop)
    }
  } finally {
    await observer.stop()
  }
}

function createLook({ ports, cluster }: MonitorOptions, observer: ReturnType<typeof openObserver>): () => Promise<MonitorReading> {
  const trends = createTrends()
  let subnets: { readonly at: Instant; readonly facts: Readonly<Record<string, SubnetFacts>> } | undefined
  let causes: { readonly at: Instant; readonly diagnoses: MonitorReading['diagnoses'] } | undefined
  return async () => {
    const seen = await observer.picture(NOTHING_MORE)
    const ids = [...new Set(Object.values(seen.groups).flatMap((group) => group.subnets ?? []))].sort()
    if (ids.length > 0 && (subnets === undefined || seen.now - subnets.at >= SUBNETS_EVERY))
      subnets = { at: seen.now, facts: subnetFacts(await ports.ec2.describeSubnets(ids)) }
    const reading = readingOf(seen, {
      cluster,
      subnets: trends(subnets?.facts ?? {}, seen.now),
      throttled: ports.throttled?.() ?? 0,
      events: ports.caches,
    })
    if (!showsTrouble(reading)) {
      causes = undefined
      return reading
    }
    if (causes === undefined || seen.now - causes.at >= DIAGNOSE_EVERY)
      causes = { at: seen.now, diagnoses: await openCauses(ports, cluster) }
    return { ...reading, diagnoses: causes.diagnoses }
  }
}

async function openCauses(ports: RunPorts, cluster: string): Promise<MonitorReading['diagnoses']> {
  const { diagnoses } = diagnose(await captureSnapshot(ports, cluster))
  return diagnoses.map(({ code, title, nodes, pods }) => ({ code, title, nodes: nodes.length, pods: pods.length }))
}
